import HubCore
import Logging
import Reactor
import Synchronization

/// The running hub with its HTTP side: loops, listeners, and the way to stop them in good order.
///
/// Isolation: any thread. Everything confined to a loop is made on that loop and stays there.
public final class Server: Sendable {
    /// Where it listens, with the port that was chosen.
    public let address: PeerAddress
    /// Where it listens without TLS beside that; nil where TLS is off or alone.
    public let plainAddress: PeerAddress?
    /// What it serves `address` with; nil: plain.
    public let certificate: ServerCertificate?
    /// Where clients find it, without a path: `https://127.0.0.1:8443`.
    public var url: String { "\(certificate == nil ? "http" : "https")://\(address)" }
    /// What the loops run on.
    public var backend: BackendKind { loops.backend }
    /// Why io_uring is not used although nothing forced epoll.
    public var fallbackReason: String? { loops.fallbackReason }

    private let hub: Hub
    private let loops: RunningLoops
    private let services: [HTTPServiceHandle]
    private let deadline: Duration
    private let stopping = Mutex<Task<Void, Never>?>(nil)

    /// What a server is made of.
    public struct Parts: Sendable {
        let hub: Hub
        let store: any EventStore
        let web: WebRoot
        let mint: TokenMint?
        let storeFigures: @Sendable () -> StoreFigures
        let providerFigures: @Sendable () -> [ProviderFigures]

        /// The parts; `storeFigures` is asked for each metrics page, off the loops; `providerFigures` on a loop, too, so it
        /// must return at once.
        public init(
            hub: Hub,
            store: any EventStore,
            web: WebRoot,
            mint: TokenMint?,
            storeFigures: @escaping @Sendable () -> StoreFigures,
            providerFigures: @escaping @Sendable () -> [ProviderFigures] = { [] }
        ) {
            self.hub = hub
            self.store = store
            self.web = web
            self.mint = mint
            self.storeFigures = storeFigures
            self.providerFigures = providerFigures
        }
    }

    /// Binds the address and starts the loops; when it returns, connections are accepted.
    ///
    /// Errors: `ListenError`, `ReactorError`, and `ConfigurationError` for certificate and key, each with a sentence for
    /// the operator.
    public static func start(_ configuration: ServerConfiguration, _ parts: Parts, logger: Logger) throws -> Server {
        try start(configuration, parts, deadlines: configuration.deadlines, logger: logger)
    }

    static func start(
        _ configuration: ServerConfiguration,
        _ parts: Parts,
        deadlines: HTTPDeadlines,
        logger: Logger
    ) throws -> Server {
        let certificate = try configuration.tls.map { settings throws(ConfigurationError) in
            // The head has to be there in its own time, which begins with the accept, too.
            try ServerCertificate(settings, handshakeTimeout: deadlines.head * 0.8, logger: logger)
        }
        let listeners = try Listeners.bind(configuration)
        let started = Start()
        let page = MetricsCollector(
            hub: parts.hub,
            store: parts.store,
            storeFigures: parts.storeFigures,
            providerFigures: parts.providerFigures,
            start: started,
            certificate: certificate
        )
        let site = HTTPSite(
            deadlines: deadlines,
            configuration: configuration,
            web: parts.web,
            mint: parts.mint,
            store: parts.store,
            metrics: { await page.collect() },
            providerFigures: parts.providerFigures
        )
        var reactor = ReactorConfiguration(
            backend: configuration.reactor.flatMap(BackendKind.init(rawValue:)),
            logger: logger
        )
        // The hub fetches what a slow client lacks when it is told that the queue has drained.
        reactor.highWater = configuration.hub.softQueueBytes
        reactor.lowWater = configuration.hub.softQueueBytes / 4
        reactor.gatherLimit = configuration.gatherLimit
        let loops: RunningLoops
        do {
            loops = try ReactorThreads.start(count: configuration.reactors, configuration: reactor) { loop in
                let service = HTTPService(loop: loop, shard: parts.hub.makeShard(on: loop), site: site)
                if let handle = service.handle { started.add(handle, backend: loop.backendKind) }
                loop.listen(on: listeners.main[loop.index], tls: certificate?.endpoint) { service.accept($0) }
                if let plain = listeners.plain { loop.listen(on: plain[loop.index]) { service.accept($0) } }
            }
        } catch {
            listeners.close()
            throw error
        }
        return Server(
            listeners: listeners,
            certificate: certificate,
            hub: parts.hub,
            loops: loops,
            services: started.services,
            deadline: configuration.drainDeadline
        )
    }

    private init(
        listeners: Listeners,
        certificate: ServerCertificate?,
        hub: Hub,
        loops: RunningLoops,
        services: [HTTPServiceHandle],
        deadline: Duration
    ) {
        address = listeners.main[0].address
        plainAddress = listeners.plain?[0].address
        self.certificate = certificate
        self.hub = hub
        self.loops = loops
        self.services = services
        self.deadline = deadline
    }

    /// Stops accepting, tells every client when to come back, waits until all are answered or the deadline has
    /// passed, and ends the loops. The store can be closed afterwards.
    ///
    /// A second call waits for the first.
    public func drain() async {
        let stop = stopping.withLock { stopping in
            let stop = stopping ?? Task { await stopAll() }
            stopping = stop
            return stop
        }
        await stop.value
    }

    /// Returns once every loop has answered; at once after they have ended.
    public func answer() async {
        for service in services { _ = await service.report() }
    }

    private func stopAll() async {
        for service in services { service.drain() }
        await hub.drain(deadline: deadline)
        loops.stop()
        loops.join()
    }
}

/// What the loops' set-up gathers while they start.
final class Start: Sendable {
    private struct State {
        var services: [HTTPServiceHandle] = []
        var backend = ""
    }

    private let state = Mutex(State())
    let seconds = TokenAuthenticator.clock()

    var services: [HTTPServiceHandle] { state.withLock { $0.services } }
    var backend: String { state.withLock { $0.backend } }

    func add(_ service: HTTPServiceHandle, backend: BackendKind) {
        state.withLock {
            $0.services.append(service)
            $0.backend = backend.rawValue
        }
    }
}
