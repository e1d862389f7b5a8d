import HubProtocol
import Reactor

/// What is asked of a room's home. Owned values, so a request can wait for the room to wake up or cross to
/// another loop.
enum RoomRequest: Sendable {
    case join(JoinRequest)
    case leave(LeaveRequest)
    case send(SendRequest)
    case signal(SignalRequest)
    case read(user: String, upto: Int64, reply: ReplyTarget)
    case history(HistoryRequest)
    case presence(ReplyTarget)
    /// A connection that is in the room has a new token.
    case renew(ConnectionID, Principal)
    case catchUp(ConnectionID, after: Int64)
    case stream(StreamRequest)
    /// A stream's producer is gone, if it still was that connection.
    case producerLost(ConnectionID, stream: String)
    case watch(WatchRequest)
}

extension RoomRequest {
    /// What it takes in memory while it waits, roughly, in bytes.
    var size: Int {
        switch self {
        case .send(let send): 256 + send.data.count
        case .signal(let signal): 256 + (signal.data?.count ?? 0)
        case .stream(let request): 256 + request.textBytes
        case .join, .leave, .read, .history, .presence, .renew, .catchUp, .producerLost, .watch: 256
        }
    }

    /// Whether it has to be served, however much waits: it says what has happened and is answered by nothing else.
    var isOwed: Bool {
        switch self {
        case .leave, .renew, .catchUp, .producerLost, .watch: true
        case .join, .send, .signal, .read, .history, .presence, .stream: false
        }
    }
}

/// What a subscriber asked to be told besides events.
struct SubscriptionOptions: OptionSet, Sendable {
    let rawValue: UInt8

    /// Joins and leaves.
    static let presence = SubscriptionOptions(rawValue: 1)
    /// The durable watermark.
    static let durable = SubscriptionOptions(rawValue: 2)
}

/// A connection wants to be in the room.
struct JoinRequest: Sendable {
    var connection: ConnectionID
    var principal: Principal
    /// The command's id; nil where the answer is a part of `hello`'s.
    var id: Int64?
    var options: SubscriptionOptions
    var since: Int64?
    var epoch: String?
    var limit: Int
    /// The most bytes of events the answer may hold.
    var bytes: Int
}

/// A connection leaves, by command (`id`) or because it is gone.
struct LeaveRequest: Sendable {
    var connection: ConnectionID
    var id: Int64?
}

/// An event to be kept.
struct SendRequest: Sendable {
    var by: String
    var kind: String
    var data: [UInt8]
    var key: String?
    var acknowledgement: Acknowledgement
    var reply: ReplyTarget
    /// The row of a job that is to be written in the event's own transaction.
    var job: JobRecord?
    /// Set where the room's assistant is to answer.
    var question: Question?

    /// What an assistant is told besides the event.
    struct Question: Sendable {
        var person: Principal
        var text: String
    }
}

/// Something ephemeral to be shown.
struct SignalRequest: Sendable {
    var by: String
    var kind: String
    var data: [UInt8]?
    var reply: ReplyTarget
}

/// A page of the past.
struct HistoryRequest: Sendable {
    var anchor: Anchor
    var limit: Int
    var reply: ReplyTarget

    enum Anchor: Sendable {
        case newest
        case before(Int64)
        case after(Int64)
    }
}
