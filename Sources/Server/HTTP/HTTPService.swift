import HubCore
import HubProtocol
import Reactor

/// One loop's HTTP side: makes the connections' handlers, knows the end points, and brings answers that were made
/// elsewhere back to the loop.
///
/// Owns the replies that are waited for and the loop's HTTP counters. Isolation: confined to its loop.
final class HTTPService {
    let loop: EventLoop
    let shard: Shard
    let site: HTTPSite
    /// Set once the hub drains: every reply is then the last of its connection.
    var isDraining = false
    var counters = HTTPCounters()
    /// Connections that are being told that they are one too many.
    var turnedAway = 0

    private var date = HTTPDate()
    private var pending: [UInt64: (HTTPReply) -> Void] = [:]
    private var lastTicket: UInt64 = 0
    private var mail: Mailbox<Message>?
    private var counted: [ConnectionID: [String]] = [:]
    private(set) lazy var codecs = DeflateCodecs()

    /// What other threads tell this loop.
    enum Message: Sendable {
        case answer(ticket: UInt64, HTTPReply)
        case report(@Sendable (HTTPCounters) -> Void)
        case drain
    }

    /// The service of a loop; call on the loop's own thread.
    init(loop: EventLoop, shard: Shard, site: HTTPSite) {
        self.loop = loop
        self.shard = shard
        self.site = site
        // The mailbox is what keeps the service, and with it the shard, for as long as the loop lives.
        mail = loop.makeMailbox { [self] (messages: [Message]) in
            for message in messages { receive(message) }
        }
        shard.whenForgotten = { [unowned self] in forget($0) }
        shard.addressOf = { [unowned self] in counted[$0]?.last }
    }

    /// The way in for other threads.
    var handle: HTTPServiceHandle? {
        mail.map(HTTPServiceHandle.init(mail:))
    }

    /// The handler of a new connection: where its address or the process has too many, one that says so; nil where even
    /// of those there are enough.
    func accept(_ connection: Connection) -> (any ConnectionHandler)? {
        guard site.cap.enter() else { return turnAway(connection, .process) }
        switch site.addresses.enter(connection.peer, now: loop.now) {
        case .refused(let refusal):
            site.cap.leave()
            return turnAway(connection, refusal.reason)
        case .counted(let address): counted[connection.id] = [address]
        case .exempt: break
        }
        return HTTPConnection(service: self, connection: connection)
    }

    private func turnAway(_ connection: Connection, _ reason: HTTPCounters.Refusal) -> TurnedAway? {
        counters.refused[reason, default: 0] += 1
        guard turnedAway < TurnedAway.mostAtOnce else { return nil }
        turnedAway += 1
        return TurnedAway(service: self, connection: connection)
    }

    /// The address by which a request is counted; nil where it is exempt.
    func address(of head: HTTPRequestHead, on connection: Connection) -> String? {
        if let address = counted[connection.id]?.first { return address }
        return site.addresses.address(forwarded: head.headers.tokens(of: "X-Forwarded-For"), by: connection.peer)
    }

    /// A connection is over, whoever its handler was at the end.
    func forget(_ id: ConnectionID) {
        site.cap.leave()
        for address in counted.removeValue(forKey: id) ?? [] {
            site.addresses.leave(address, now: loop.now)
        }
    }

    private func receive(_ message: Message) {
        switch message {
        case .answer(let ticket, let reply): pending.removeValue(forKey: ticket)?(reply)
        case .report(let deliver): deliver(counters)
        case .drain:
            isDraining = true
            loop.stopAccepting()
        }
    }

    // MARK: Replies

    /// Runs work elsewhere and brings its reply back.
    func elsewhere(_ reply: @escaping (HTTPReply) -> Void, _ work: @escaping @Sendable () async -> HTTPReply) {
        guard let mail else { return }
        lastTicket += 1
        let ticket = lastTicket
        pending[ticket] = reply
        Task {
            let made = await work()
            mail.post(.answer(ticket: ticket, made))
        }
    }

    /// The headers of every reply.
    func commonHeaders() -> [(String, String)] {
        [
            ("Date", date.text(atMilliseconds: loop.wallMilliseconds)),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
    }

    // MARK: WebSockets

    func handshake(_ head: HTTPRequestHead, echo: Bool, from connection: Connection) -> HandshakeOutcome {
        guard !echo else { return WebSocketHandshake.evaluate(head, policy: EchoConnection.policy) }
        var policy = site.socketPolicy
        policy.isEncrypted = connection.isEncrypted
        let outcome = WebSocketHandshake.evaluate(head, policy: policy)
        guard case .accepted = outcome else { return outcome }
        if isDraining {
            return .rejected(HTTPRejection(status: 503, sentence: "the hub is restarting"))
        }
        let forwarded = head.headers.tokens(of: "X-Forwarded-For")
        switch site.addresses.enter(forwarded: forwarded, by: connection.peer, now: loop.now) {
        case .refused(let refusal):
            counters.refused[refusal.reason, default: 0] += 1
            return .rejected(HTTPRejection(status: 503, sentence: TurnedAway.sentence))
        case .counted(let address): counted[connection.id, default: []].append(address)
        case .exempt: break
        }
        return outcome
    }

    func upgrade(
        _ connection: Connection,
        _ acceptance: HandshakeAcceptance,
        remainder: [UInt8],
        echo: Bool
    ) {
        counters.upgrades += 1
        connection.write(acceptance.response)
        if echo {
            EchoConnection.adopt(connection, acceptance, remainder: remainder, service: self)
        } else {
            shard.adopt(connection, acceptance: acceptance, remainder: remainder)
        }
    }
}

@available(*, unavailable)
extension HTTPService: Sendable {}

/// A loop's HTTP service as other threads know it.
struct HTTPServiceHandle: Sendable {
    let mail: Mailbox<HTTPService.Message>

    /// Makes the loop stop accepting and end each connection with its next reply.
    func drain() {
        mail.post(.drain)
    }

    /// What the loop has counted; nil where it has ended.
    func report() async -> HTTPCounters? {
        await withCheckedContinuation { continuation in
            let isPosted = mail.post(.report { continuation.resume(returning: $0) })
            if !isPosted { continuation.resume(returning: nil) }
        }
    }
}
