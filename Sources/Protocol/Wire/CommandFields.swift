/// The fields of `hello`.
public struct HelloFields {
    /// Who the client says it is.
    public enum Credential {
        /// A JWT.
        case token(ByteView)
        /// The initData of a Telegram Mini App; `bot` is the bot's id in decimal digits or the name it is configured by.
        case telegram(initData: ByteView, bot: ByteView?)
    }

    /// The one credential.
    public let credential: Credential
    /// `name/version` of the client program, 1–256 bytes.
    public let client: ByteView?
    /// The session to take over, 1–128 bytes.
    public let session: ByteView?
    /// Rooms to join with the same answer, in the order given, no name twice, at most `CommandLimits.rooms`.
    public let rooms: [HelloRoom]
}

/// One room of a `hello`. A bad one is answered by itself and spoils nothing.
public struct HelloRoom {
    /// The name as the client wrote it, valid or not: the member of the answer.
    public let name: ByteView
    /// What is wanted, or what is wrong with it.
    public let request: Result<SubFields, ErrorReply>
}

/// The fields of `sub`, and of each room of `hello`.
public struct SubFields {
    /// The room.
    public let room: RoomText
    /// The last offset the client has; nil: it does not recover. Never given without `epoch`, save 0.
    public let since: Int64?
    /// The epoch `since` belongs to. May come alone; then it means nothing.
    public let epoch: ByteView?
    /// At most this many events in a page: 0–500, default 50.
    public let limit: Int
    /// Whether presence is wanted, in the answer and as pushes.
    public let presence: Bool
    /// Whether the durable watermark is wanted as pushes.
    public let durable: Bool
}

/// The fields of `send`.
public struct SendFields {
    /// The room.
    public let room: RoomText
    /// Well-formed and not reserved.
    public let kind: ByteView
    /// Any JSON value exactly as it was written, quotes and braces included; at most `CommandLimits.dataBytes`.
    public let data: ByteView
    /// 1–64 bytes.
    public let key: ByteView?
    /// When to answer.
    public let ack: Acknowledgement
}

/// The fields of `signal`.
public struct SignalFields {
    /// The room.
    public let room: RoomText
    /// Well-formed and not reserved.
    public let kind: ByteView
    /// As in `send`; nil where the member is left out.
    public let data: ByteView?
}

/// The fields of `history`.
public struct HistoryFields {
    /// Where the page lies.
    public enum Anchor: Equatable {
        /// The newest events.
        case newest
        /// The newest ones below this offset, 0…2^53−1.
        case before(Int64)
        /// The oldest ones above this offset, 0…2^53−1.
        case after(Int64)
    }

    /// The room.
    public let room: RoomText
    /// Where the page lies.
    public let anchor: Anchor
    /// At most this many events: 0–500, default 50.
    public let limit: Int
}
