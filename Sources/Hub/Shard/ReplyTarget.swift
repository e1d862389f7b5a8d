import HubProtocol
import Reactor

/// Where the one reply to a command or call goes.
enum ReplyTarget: Sendable {
    /// A command of a WebSocket client.
    case client(ConnectionID, id: Int64)
    /// A call from the program itself (HTTP), waiting on the loop with that index.
    case call(loop: Int, id: UInt64)
    /// Nobody waits for it.
    case nobody
}

/// What came of a call from the program itself.
enum CallOutcome: Sendable {
    case sent(SendReceipt)
    case page(HistoryPage)
    case revoked
    case streamOpened(StreamReceipt)
    case streamAppended(AppendReceipt)
    case done
    /// The object of a `job.*` command's answer.
    case job([UInt8])
    case refused(ErrorReply)
}

/// What an accepted send was given.
public struct SendReceipt: Sendable {
    /// Its offset.
    public let offset: Int64
    /// The epoch in which that offset holds.
    public let epoch: String
    /// When it was accepted, ms since 1970 UTC.
    public let at: Int64
    /// Whether an earlier send with the same key had been given it.
    public let duplicate: Bool
    /// Which command it answers.
    var answers = Answers.send

    /// The command that was given an offset.
    enum Answers: Sendable, Equatable {
        case send
        /// The answer of a question comes on that stream.
        case ask(stream: String)
        /// `stream.close`.
        case ending
    }
}

/// What an opened stream was given.
public struct StreamReceipt: Sendable {
    /// The offset of its opening event.
    public let offset: Int64
    /// The index of the first token that the hub does not have.
    public let next: Int64
    /// The present attempt.
    public let attempt: Int64
}

/// What came of an append.
public struct AppendReceipt: Sendable {
    /// The index of the next token.
    public let next: Int64
    /// Tokens below this are on disk.
    public let durable: Int64
}

/// A page of a room's past.
public struct HistoryPage: Sendable {
    /// Kept events as pushed, ascending: one JSON object each.
    public let events: [[UInt8]]
    /// Whether further ones exist in the asked direction.
    public let more: Bool
    /// The present epoch.
    public let epoch: String
}
