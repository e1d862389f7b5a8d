import Foundation
import HubCore
import HubPersistence
import HubServer
import Logging
import Reactor

/// The life of a serving process: opens everything in order, waits for a signal, closes it in the opposite order.
struct HubProcess {
    private let configuration: ServerConfiguration
    private let logger: Logger

    init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
        let (level, json) = (configuration.logLevel, configuration.logJSON)
        LoggingSystem.bootstrap { StandardErrorLogHandler(label: $0, level: level, json: json) }
        logger = Logger(label: "apus")
    }

    func run() async throws {
        let signals = AsyncStream<Int32>.makeStream()
        // Without a terminal a hang-up is a wish for new settings, and never the end.
        let isService = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"] != nil
        SignalWatch.start(hearsHangUp: configuration.tls != nil || isService) { signals.continuation.yield($0) }
        OpenFileLimit.raise()

        let store = try SQLiteStore.open(StoreConfiguration(configuration, logger: logger))
        defer { store.close() }
        let answering = try AnsweringParts(configuration, logger: logger)
        defer { answering.stop() }
        let server = try await start(over: store, answering)
        Console.say("listening on \(server.url)")
        if let plain = server.plainAddress { Console.say("listening on http://\(plain)") }
        let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
        notifier?.ready("Serving \(server.address)")
        let signsOfLife = Task { await notifier?.keepAlive { await server.answer() } }
        defer { signsOfLife.cancel() }

        var signal = SIGTERM
        for await arrived in signals.stream {
            signal = arrived
            guard arrived == SIGHUP else { break }
            server.certificate?.reload()
        }
        logger.notice("stopping", metadata: [LogKey.signal: "\(signal == SIGINT ? "SIGINT" : "SIGTERM")"])
        notifier?.stopping()
        await server.drain()
        let unwritten = store.close()
        guard unwritten == 0 else {
            throw Failure(sentence: "\(unwritten) accepted writes did not reach the disk in time", status: 1)
        }
        logger.notice("stopped")
    }

    private func start(over store: SQLiteStore, _ answering: AnsweringParts) async throws -> Server {
        let keys = try await KeyRing.load(configuration)
        let authenticator = TokenAuthenticator(
            keys: keys.keys,
            issuer: configuration.issuer,
            audience: configuration.audience,
            longestLife: configuration.longestTokenLife
        )
        let hub = Hub(
            configuration: configuration.hub,
            loops: configuration.reactors,
            store: store,
            authenticator: authenticator,
            assistant: answering.assistant,
            logger: logger
        )
        let parts = Server.Parts(
            hub: hub,
            store: store,
            web: webRoot(),
            mint: configuration.demo ? keys.mint : nil,
            storeFigures: { StoreFigures(store.metrics()) },
            providerFigures: { answering.figures() }
        )
        let server = try Server.start(configuration, parts, logger: logger)
        logger.notice(
            "serving",
            metadata: [
                LogKey.address: "\(server.address)", LogKey.backend: "\(server.backend.rawValue)",
                LogKey.reactors: "\(configuration.reactors)", LogKey.version: "\(Release.version)",
            ]
        )
        if let reason = server.fallbackReason {
            logger.notice("io_uring is not used", metadata: [LogKey.reason: "\(reason)"])
        }
        if configuration.demo {
            logger.warning("demo people can log in without a password")
        }
        return server
    }

    private func webRoot() -> WebRoot {
        let found = WebRoot.find(
            setting: configuration.webRoot,
            executable: Executable.path,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
        guard let found else {
            logger.warning("no folder with pages was found; set web.root")
            return .empty
        }
        let root = WebRoot(reading: found)
        logger.info("pages are served", metadata: [LogKey.path: "\(found)", LogKey.files: "\(root.count)"])
        return root
    }
}
