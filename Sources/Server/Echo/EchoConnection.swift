import HubProtocol
import Reactor

/// A WebSocket that sends every message back: what conformance suites talk to. It is no part of the hub.
///
/// Takes messages up to 16 MiB in up to 65 536 fragments and an empty last one, which clients that cut by size
/// send. While the peer does not read what it was sent, nothing
/// more is read from it. Isolation: confined to its connection's loop.
final class EchoConnection: ConnectionHandler {
    /// Any subprotocol is passed over; compression as the client wants it, context takeover included.
    static let policy = HandshakePolicy(deflate: .asOffered)

    private static let limits = WebSocketLimits(
        maxFrameBytes: 16 << 20,
        maxMessageBytes: 16 << 20,
        maxFragments: 65_537
    )
    /// Unsent bytes from which nothing more is read.
    private static let mostQueuedBytes = 1 << 20

    private let service: HTTPService
    private let connection: Connection
    private var session: WebSocketSession
    private var scratch: [UInt8] = []
    private var isPaused = false

    private init(_ connection: Connection, _ acceptance: HandshakeAcceptance, service: HTTPService) {
        self.connection = connection
        self.service = service
        session = WebSocketSession(limits: EchoConnection.limits, deflate: acceptance.deflate)
    }

    /// Makes the connection an echo.
    static func adopt(
        _ connection: Connection,
        _ acceptance: HandshakeAcceptance,
        remainder: [UInt8],
        service: HTTPService
    ) {
        let echo = EchoConnection(connection, acceptance, service: service)
        connection.handler = echo
        var remainder = remainder
        remainder.withUnsafeMutableBytes { echo.received($0, on: connection) }
    }

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
        session.receive(bytes)
        while let event = session.next(service.codecs) {
            handle(event)
        }
        if connection.queuedBytes > EchoConnection.mostQueuedBytes, !isPaused {
            isPaused = true
            connection.pauseReading()
        }
    }

    func receivedEnd(on connection: Connection) {
        connection.finish()
    }

    func drained(_ connection: Connection) {
        guard isPaused else { return }
        isPaused = false
        connection.resumeReading()
    }

    func closed(_ connection: Connection, _ reason: DisconnectReason) {
        service.forget(connection.id)
    }

    private func handle(_ event: WebSocketEvent) {
        switch event {
        case .text(let message): echo(message, text: true)
        case .binary(let message): echo(message, text: false)
        case .ping(let payload): send { WebSocketFrame.appendPong(payload, into: &$0) }
        case .pong: break
        case .close:
            scratch.removeAll(keepingCapacity: false)
            session.answerClose(into: &scratch)
            end()
        case .violation(let violation):
            scratch.removeAll(keepingCapacity: false)
            session.close(violation.code, reason: violation.sentence, into: &scratch)
            end()
        }
    }

    private func echo(_ message: ByteView, text: Bool) {
        scratch.removeAll(keepingCapacity: true)
        session.appendMessage(message, text: text, compress: true, codecs: service.codecs, into: &scratch)
        connection.write(scratch)
        if scratch.capacity > 1 << 20 { scratch = [] }
    }

    private func send(_ append: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        append(&scratch)
        connection.write(scratch)
    }

    private func end() {
        connection.write(scratch)
        connection.finish()
    }
}

@available(*, unavailable)
extension EchoConnection: Sendable {}
