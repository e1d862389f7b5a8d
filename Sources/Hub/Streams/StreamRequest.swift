import HubProtocol
import Reactor

/// What somebody asks of a stream, at its room's home.
struct StreamRequest: Sendable {
    var stream: String
    var by: Principal
    /// The connection it came on; nil for a request over HTTP.
    var connection: ConnectionID?
    var action: Action
    var reply: ReplyTarget

    enum Action: Sendable {
        case open(Opening)
        case append(Appending)
        case close(StreamEnding)
        case cancel
    }

    struct Opening: Sendable {
        var title: String?
        var meta: [UInt8]?
        var attempt: Int64?
        /// Left for the desk: where the ticket has gone on to another owner the stream is not to be opened.
        var ownerEpoch: Int64?
    }

    struct Appending: Sendable {
        var attempt: Int64?
        var from: Int64
        var tokens: StreamTokens
    }

    /// The text that it brings.
    var textBytes: Int {
        if case .append(let appending) = action { appending.tokens.text.count } else { 0 }
    }

    /// Who would produce the stream.
    var producer: LiveStream.Producer { connection.map { .connection($0) } ?? .requests }
}

extension ErrorReply {
    /// There is no open stream of that id, as far as this person may know.
    static var noStream: ErrorReply {
        ErrorReply(.notFound, "there is no open stream of that id", field: "stream")
    }
}
