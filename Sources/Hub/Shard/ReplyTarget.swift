import HubProtocol
import Reactor

/// Where the one reply to a command or call goes.
enum ReplyTarget: Sendable {
    /// A command of a WebSocket client.
    case client(ConnectionID, id: Int64)
    /// A call from the program itself (HTTP), waiting on the loop with that index.
    case call(loop: Int, id: UInt64)
}

/// What came of a call from the program itself.
enum CallOutcome: Sendable {
    case sent(SendReceipt)
    case page(HistoryPage)
    case revoked
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
