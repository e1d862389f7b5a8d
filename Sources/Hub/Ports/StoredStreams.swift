import HubProtocol

/// What becomes of a stream's row in the transaction of the event that opens or ends it.
public enum StreamChange: Sendable {
    /// It is open from here. `isOwn`: an assistant of the hub writes it, so nobody can take it up after a crash.
    case opened(id: String, owner: String, isOwn: Bool, attempt: Int64)
    /// It has ended; the event holds its text.
    case ended(id: String, state: StreamState)
}

/// A piece of an open stream's text that is to outlive a crash.
public struct StreamCheckpoint: Sendable {
    /// The stream's room.
    public let room: RoomIdentity
    /// The stream's id.
    public let stream: String
    /// The attempt it belongs to.
    public let attempt: Int64
    /// The index of its first token.
    public let from: Int64
    /// The index behind its last token.
    public let to: Int64
    /// The text of these tokens.
    public let text: [UInt8]
    /// Whether it begins its attempt: pieces of earlier ones are void.
    public let isFirst: Bool

    /// A piece.
    public init(
        room: RoomIdentity,
        stream: String,
        attempt: Int64,
        from: Int64,
        to: Int64,
        text: [UInt8],
        isFirst: Bool
    ) {
        self.room = room
        self.stream = stream
        self.attempt = attempt
        self.from = from
        self.to = to
        self.text = text
        self.isFirst = isFirst
    }
}

/// An open stream as the disk knows it.
public struct StoredStream: Sendable {
    /// Its id.
    public var id: String
    /// The user who opened it.
    public var owner: String
    /// Whether an assistant of the hub wrote it.
    public var isOwn: Bool
    /// The offset of its opening event.
    public var opened: Int64
    /// The present attempt.
    public var attempt: Int64
    /// How many tokens its text is.
    public var tokens: Int64
    /// The text of the pieces that were committed.
    public var text: [UInt8]

    /// A stream.
    public init(
        id: String,
        owner: String,
        isOwn: Bool,
        opened: Int64,
        attempt: Int64,
        tokens: Int64,
        text: [UInt8]
    ) {
        self.id = id
        self.owner = owner
        self.isOwn = isOwn
        self.opened = opened
        self.attempt = attempt
        self.tokens = tokens
        self.text = text
    }
}

/// A stream that was open when the store was opened: the crash or stop before left it so.
public struct UnfinishedStream: Sendable, Hashable {
    /// Its room.
    public let room: RoomKey
    /// Its id.
    public let id: String

    /// An open stream's place.
    public init(room: RoomKey, id: String) {
        self.room = room
        self.id = id
    }
}
