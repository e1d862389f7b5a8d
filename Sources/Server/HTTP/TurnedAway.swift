import HubProtocol
import Reactor

/// A connection that is one too many: it is told so with 503 at once, nothing of it is read, and it ends.
///
/// Isolation: confined to its connection's loop.
final class TurnedAway: ConnectionHandler {
    /// So many are told at a time on a loop; others are cut without a word, so that a flood holds no more than these.
    static let mostAtOnce = 32

    private let service: HTTPService

    init(service: HTTPService, connection: Connection) {
        self.service = service
        connection.write(TurnedAway.answer)
        connection.finish()
    }

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {}
    func receivedEnd(on connection: Connection) {}
    func drained(_ connection: Connection) {}

    func closed(_ connection: Connection, _ reason: DisconnectReason) {
        service.turnedAway -= 1
    }

    private static let answer: [UInt8] = {
        let reply = Problem(status: 503, code: "busy", detail: sentence).reply
        var bytes: [UInt8] = []
        reply.body.withUnsafeBytes { body in
            HTTPResponse.append(
                status: reply.status,
                headers: reply.headers,
                body: ByteView(body),
                keepAlive: false,
                omitBody: false,
                into: &bytes
            )
        }
        return bytes
    }()

    static let sentence = "there are too many connections at the moment"
}

@available(*, unavailable)
extension TurnedAway: Sendable {}
