/// The fields of `stream.open`.
public struct StreamOpenFields {
    /// The room in which it is shown.
    public let room: RoomText
    /// The producer's id of the stream: 1–128 bytes of `[A-Za-z0-9_.:/@-]`, not beginning with `ask:`.
    public let stream: ByteView
    /// What readers see above it, 1–256 bytes.
    public let title: ByteView?
    /// Any JSON object exactly as it was written; at most `CommandLimits.streamMetaBytes`.
    public let meta: ByteView?
    /// Which attempt, 1…2^31−1; nil: the present one of an open stream, 1 of a new one.
    public let attempt: Int64?
    /// The ticket's owner epoch that the producer knows; 0…2^53−1. What it means is the desk's to say.
    public let ownerEpoch: Int64?
}

/// The fields of `stream.append`.
public struct StreamAppendFields {
    /// The stream's id.
    public let stream: ByteView
    /// The attempt it belongs to, where the producer says.
    public let attempt: Int64?
    /// The index of the first token, 0…2^53−1.
    public let from: Int64
    /// The tokens.
    public let tokens: StreamTokens
}

/// The fields of `stream.close`.
public struct StreamCloseFields {
    /// The stream's id.
    public let stream: ByteView
    /// How it ended: `done`, `failed` or `cancelled`.
    public let state: StreamState
    /// What it took: any JSON object as it was written, at most `CommandLimits.streamMetaBytes`.
    public let usage: ByteView?
    /// Why it failed: any JSON value but `null` as it was written, at most `CommandLimits.streamMetaBytes`.
    public let error: ByteView?
}

/// The fields of `ask`.
public struct AskFields {
    /// The room whose assistant is asked.
    public let room: RoomText
    /// The asker's own name of the question, 1–64 bytes.
    public let key: ByteView
    /// A JSON object exactly as it was written, with a `text`; at most `CommandLimits.dataBytes`.
    public let data: ByteView
    /// The member `text` of `data`, escapes resolved; not empty.
    public let text: ByteView
}

/// What has become of a stream: the `state` of its events and snapshots.
public enum StreamState: String, Sendable, Hashable, CaseIterable {
    /// It grows, or waits for its producer.
    case open
    /// Everything is said.
    case done
    /// The producer gave up.
    case failed
    /// Somebody with the right to asked for it to stop.
    case cancelled
    /// The producer was lost and did not come back in time.
    case interrupted

    /// The state of that name; nil for names that the contract does not know.
    public init?(_ name: ByteView) {
        self.init(rawValue: name.string())
    }
}
