/// What a peer is told when something is refused: the `error` object of a reply.
///
/// `message` is a plain sentence for the peer's developer. It never repeats a credential or a message body.
public struct ErrorReply: Error, Sendable, Equatable {
    /// The stable code.
    public var code: ErrorCode
    /// For the peer's developer.
    public var message: String
    /// The member of the command that is at fault.
    public var field: String?
    /// In ms from now.
    public var retryAfter: Int?
    /// The present state as raw JSON, with `conflict`.
    public var current: [UInt8]?

    /// An error with its sentence.
    public init(
        _ code: ErrorCode,
        _ message: String,
        field: String? = nil,
        retryAfter: Int? = nil,
        current: [UInt8]? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.retryAfter = retryAfter
        self.current = current
    }
}

/// A command that could not be read, with the id to answer to.
public struct CommandFault: Error, Sendable, Equatable {
    /// The command's id; nil where none could be read: the reply then has `"id":null`.
    public let id: Int64?
    /// What the reply says.
    public let error: ErrorReply

    /// A fault.
    public init(id: Int64?, error: ErrorReply) {
        self.id = id
        self.error = error
    }
}
