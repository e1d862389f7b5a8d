import HubProtocol
import Reactor

/// What is asked of the board. An owned value, so it can wait or cross to the board's loop.
struct JobRequest: Sendable {
    var principal: Principal
    var command: JobCommand
    var reply: ReplyTarget

    /// The connection it came over, where it came over one.
    var connection: ConnectionID? {
        guard case .client(let connection, _) = reply else { return nil }
        return connection
    }
}

/// What comes to the board's loop.
enum JobMessage: Sendable {
    case request(JobRequest)
    /// The connection is gone: what it waits for need not be given to it.
    case gone(ConnectionID)
    /// The disk has said which jobs have not ended.
    case loaded(Result<[JobRecord], StoreFault>)
    /// The disk has answered a look-up.
    case found(ticket: UInt64, Result<[JobRecord], StoreFault>)
}
