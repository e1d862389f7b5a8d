import HubProtocol
import Reactor

/// The HTTP/1.1 side of a connection: requests one at a time, replies in their order, until it closes or becomes
/// a WebSocket.
///
/// While a reply is pending nothing is read, so a peer that pipelines waits in its own socket. Every phase has a
/// deadline (`HTTPDeadlines`).
/// Isolation: confined to its connection's loop.
final class HTTPConnection: ConnectionHandler, TimerTarget {
    private enum Phase {
        /// Between two requests.
        case idle
        case head
        case body(HTTPRequestHead)
        /// The end point has the request; nothing is read.
        case replying(HTTPRequestHead)
        /// The peer reads too slowly to be given more; nothing is read.
        case flushing
        /// A WebSocket now, or closing.
        case over
    }

    private let service: HTTPService
    private let connection: Connection
    private var parser: HTTPRequestParser
    private var phase = Phase.head
    private var body: [UInt8] = []
    private var isReading = false
    private var peerHasEnded = false
    private var deadline: TimerHandle?

    init(service: HTTPService, connection: Connection) {
        self.service = service
        self.connection = connection
        parser = HTTPRequestParser(limits: service.site.limits)
        expect(within: service.site.deadlines.head)
    }

    // MARK: From the connection

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
        switch phase {
        case .over: return
        case .idle:
            phase = .head
            expect(within: service.site.deadlines.head)
        case .head, .body, .replying, .flushing: break
        }
        parser.receive(UnsafeRawBufferPointer(bytes))
        read()
    }

    func receivedEnd(on connection: Connection) {
        peerHasEnded = true
        switch phase {
        case .replying, .flushing, .over: return
        case .idle, .head, .body: finish()
        }
    }

    func drained(_ connection: Connection) {
        guard case .flushing = phase else { return }
        beginNext()
    }

    func closed(_ connection: Connection, _ reason: DisconnectReason) {
        phase = .over
        expect(within: nil)
        service.forget(connection.id)
    }

    func timerFired(_ tag: UInt32) {
        deadline = nil
        switch phase {
        case .idle: finish()
        case .head, .body:
            refuse(HTTPRejection(status: 408, sentence: "the request took too long to arrive"))
        case .flushing: connection.abort()
        case .replying, .over: return
        }
    }

    // MARK: Requests

    /// Takes requests out of the parser until it needs more bytes or a reply is pending.
    private func read() {
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        while isReadable, let event = parser.next() {
            switch event {
            case .head(let head): begin(head)
            case .body(let part): body.append(part)
            case .end: dispatch()
            case .failed(let rejection): refuse(rejection)
            }
        }
    }

    private var isReadable: Bool {
        switch phase {
        case .idle, .head, .body: true
        case .replying, .flushing, .over: false
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let outcome = service.site.router.route(method: head.method, path: head.path)
        switch outcome {
        case .found(.webSocket): return openSocket(head, echo: false)
        case .found(.echo): return openSocket(head, echo: true)
        case .found:
            if head.expectsContinue, head.hasBody {
                var interim: [UInt8] = []
                HTTPResponse.appendContinue(into: &interim)
                connection.write(interim)
            }
        case .notFound, .methodNotAllowed, .badPath:
            if head.expectsContinue { return refuse(HTTPConnection.rejection(of: outcome), to: head) }
        }
        phase = .body(head)
        if head.hasBody { expect(within: service.site.deadlines.body) }
    }

    private func dispatch() {
        guard case .body(let head) = phase else { return }
        let request = HTTPRequest(head: head, body: body, address: service.address(of: head, on: connection))
        body = []
        phase = .replying(head)
        expect(within: nil)
        let outcome = service.site.router.route(method: head.method, path: head.path)
        guard case .found(let endpoint) = outcome else {
            return answer(Problem(HTTPConnection.rejection(of: outcome)).reply)
        }
        service.respond(to: request, at: endpoint) { [self] reply in
            answer(reply)
        }
        if case .replying = phase { connection.pauseReading() }
    }

    private static func rejection(of outcome: Router.Outcome) -> HTTPRejection {
        switch outcome {
        case .methodNotAllowed(let allowed):
            HTTPRejection(
                status: 405,
                sentence: "this path is served for \(allowed.joined(separator: ", ")) only",
                headers: [("Allow", allowed.joined(separator: ", "))]
            )
        case .badPath: HTTPRejection(status: 400, sentence: "the path is not percent-encoded UTF-8")
        case .notFound, .found: HTTPRejection(status: 404, sentence: "there is nothing at this path")
        }
    }

    // MARK: Replies

    private func answer(_ reply: HTTPReply) {
        guard case .replying(let head) = phase else { return }
        let stays = head.keepAlive && !peerHasEnded && !service.isDraining
        write(reply, to: head, stays: stays)
        guard stays else { return finish() }
        guard connection.queuedBytes <= service.site.mostQueuedBytes else {
            phase = .flushing
            connection.pauseReading()
            return expect(within: service.site.deadlines.flush)
        }
        beginNext()
    }

    private func beginNext() {
        phase = .idle
        expect(within: service.site.deadlines.idle)
        connection.resumeReading()
        read()
    }

    private func write(_ reply: HTTPReply, to head: HTTPRequestHead?, stays: Bool) {
        service.counters.count(status: reply.status)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(reply.body.count + 512)
        var headers = service.commonHeaders()
        if let head, head.path.hasPrefix("/api/") { headers += service.site.crossOrigin.headers(for: head) }
        reply.body.withUnsafeBytes { body in
            HTTPResponse.append(
                status: reply.status,
                headers: headers + reply.headers,
                body: ByteView(body),
                keepAlive: stays,
                omitBody: head?.method == "HEAD",
                into: &bytes
            )
        }
        connection.write(bytes)
    }

    private func refuse(_ rejection: HTTPRejection, to head: HTTPRequestHead? = nil) {
        write(Problem(rejection).reply, to: head, stays: false)
        finish()
    }

    /// Gives the connection to the WebSocket side; what came behind the head goes with it.
    private func openSocket(_ head: HTTPRequestHead, echo: Bool) {
        switch service.handshake(head, echo: echo, from: connection) {
        case .rejected(let rejection): refuse(rejection, to: head)
        case .accepted(let acceptance):
            phase = .over
            expect(within: nil)
            service.upgrade(connection, acceptance, remainder: parser.takeRemainder(), echo: echo)
        }
    }

    private func finish() {
        phase = .over
        expect(within: nil)
        connection.finish()
    }

    private func expect(within duration: Duration?) {
        if let deadline { service.loop.cancel(deadline) }
        deadline = duration.map { service.loop.schedule(after: $0, self, tag: 0) }
    }
}

@available(*, unavailable)
extension HTTPConnection: Sendable {}
