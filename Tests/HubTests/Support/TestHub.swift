import Foundation
import HubPersistence
import HubProtocol
import Logging
import Reactor
import Synchronization
import Testing

@testable import HubCore

/// What a test wants of its hub.
struct TestHubOptions: Sendable {
    var loops = 1
    var backend: BackendKind?
    var hub = HubConfiguration()
    var deflate: DeflatePolicy? = DeflatePolicy()
    var assistant: ScriptedAssistant?
    /// The disk's own clock for batches; small, because tests wait for it.
    var commitInterval: Duration = .milliseconds(1)
    /// How many events of a kind of room the disk keeps; looked after all the time.
    var kept: [String: Int] = [:]
}

/// A hub over real loops, real sockets and a real database in a folder of its own; a port a loop, so that tests
/// choose where a connection lives.
final class TestHub: Sendable {
    let hub: Hub
    let store: HeldStore
    let authenticator = TestAuthenticator()
    let folder: String
    let options: TestHubOptions
    private let running: RunningLoops
    private let ports: [Int]
    private let doors: [Mailbox<@Sendable (Shard) -> Void>]

    init(_ options: TestHubOptions, folder: String) throws {
        self.options = options
        self.folder = folder
        var configuration = StoreConfiguration(folder: folder)
        configuration.commitInterval = options.commitInterval
        configuration.retention = options.kept.mapValues { StoreConfiguration.Retention(days: nil, events: $0) }
        if !options.kept.isEmpty { configuration.retentionInterval = .milliseconds(5) }
        let store = HeldStore(try SQLiteStore.open(configuration))
        let hub = Hub(
            configuration: options.hub,
            loops: options.loops,
            store: store,
            authenticator: authenticator,
            assistant: options.assistant,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let sockets = try (0..<options.loops).map { _ in try Listening.bind(host: "127.0.0.1", port: 0, loops: 1)[0] }
        let policy = HandshakePolicy(subprotocols: ["apus.v1"], allowedOrigins: [], deflate: options.deflate)
        let made = Mutex<[Int: Mailbox<@Sendable (Shard) -> Void>]>([:])
        var reactor = ReactorConfiguration(
            backend: options.backend,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        // Both say when a queue is long; the hub asks that the reactor's mark is not the higher one.
        reactor.highWater = min(reactor.highWater, options.hub.softQueueBytes)
        reactor.lowWater = reactor.highWater / 4
        running = try ReactorThreads.start(count: options.loops, configuration: reactor) { loop in
            let shard = hub.makeShard(on: loop)
            loop.listen(on: sockets[loop.index]) { _ in Upgrade(shard: shard, policy: policy) }
            let door = loop.makeMailbox { (bodies: [@Sendable (Shard) -> Void]) in
                for body in bodies { body(shard) }
            }
            made.withLock { $0[loop.index] = door }
        }
        ports = sockets.map { Int($0.address.port) }
        doors = made.withLock { doors in (0..<options.loops).compactMap { doors[$0] } }
        self.hub = hub
        self.store = store
    }

    // MARK: Clients

    /// A socket that has been upgraded and has said nothing yet.
    func connect(
        on loop: Int = 0,
        offer: String? = nil,
        receiveBuffer: Int32? = nil,
        behindHead: [UInt8] = []
    ) throws -> Peer {
        try Peer(port: ports[loop], offer: offer, receiveBuffer: receiveBuffer, behindHead: behindHead)
    }

    /// A client that has said `hello` and is in these rooms.
    func join(_ token: String, on loop: Int = 0, rooms: [String: JSON] = [:], offer: String? = nil) throws -> Peer {
        let peer = try connect(on: loop, offer: offer)
        try peer.hello(token, rooms: rooms)
        return peer
    }

    /// A room whose home is that loop.
    func room(_ kind: String = "ticket", homedOn loop: Int = 0) -> String {
        let names = (1...).lazy.map { "\(kind):\($0)" }
        return names.first { self.hub.home(of: RoomName($0), in: .default) == loop }!
    }

    // MARK: Inside

    /// Runs on a loop and returns what came out.
    @discardableResult
    func run<Result: Sendable>(on loop: Int = 0, _ body: @escaping @Sendable (Shard) -> Result) -> Result {
        let result = Mutex<Result?>(nil)
        let done = DispatchSemaphore(value: 0)
        doors[loop].post { shard in
            let value = body(shard)
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return result.withLock { $0! }
    }

    /// Runs something that answers later, on a loop, and waits for the answer.
    func ask<Answer: Sendable>(
        on loop: Int = 0,
        _ body: @escaping @Sendable (Shard, @escaping @Sendable (Answer) -> Void) -> Void
    ) -> Answer {
        let result = Mutex<Answer?>(nil)
        let done = DispatchSemaphore(value: 0)
        doors[loop].post { shard in
            body(shard) { answer in
                result.withLock { $0 = answer }
                done.signal()
            }
        }
        done.wait()
        return result.withLock { $0! }
    }

    /// Turns loops, each with a round trip, until the rule holds.
    func wait(on loop: Int = 0, until rule: @escaping @Sendable (Shard) -> Bool) throws {
        let limit = ContinuousClock.now + .seconds(30)
        while !run(on: loop, rule) {
            guard ContinuousClock.now < limit else { throw HeldStore.TimedOut() }
        }
    }

    // MARK: The end

    func stop() {
        running.stop()
        running.join()
        store.store.close()
    }

    /// Another start on the same folder.
    func restarted(_ change: (inout TestHubOptions) -> Void = { _ in }) throws -> TestHub {
        stop()
        var options = options
        change(&options)
        return try TestHub(options, folder: folder)
    }

    /// What is held of writes is lost, as when the process is killed before the disk has it.
    func crashed() throws -> TestHub {
        store.loseWrites()
        return try restarted()
    }
}

/// Does the opening handshake and hands the connection over.
private final class Upgrade: ConnectionHandler {
    private let shard: Shard
    private let policy: HandshakePolicy
    private var parser = HTTPRequestParser()

    init(shard: Shard, policy: HandshakePolicy) {
        self.shard = shard
        self.policy = policy
    }

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
        parser.receive(UnsafeRawBufferPointer(bytes))
        guard case .head(let head) = parser.next() else { return }
        guard case .accepted(let acceptance) = WebSocketHandshake.evaluate(head, policy: policy) else {
            connection.abort()
            return
        }
        connection.write(acceptance.response)
        shard.adopt(connection, acceptance: acceptance, remainder: parser.takeRemainder())
    }

    func receivedEnd(on connection: Connection) { connection.finish() }
    func closed(_: Connection, _: DisconnectReason) {}
}

extension RoomName {
    /// A name that the test knows to be right.
    init(_ text: String) { try! self.init(validating: text) }
}

/// Runs a blocking test over a hub in a folder of its own.
func withHub(
    _ options: TestHubOptions = TestHubOptions(),
    _ body: @Sendable (TestHub) throws -> Void
) async throws {
    try await withFolder { folder in
        let hub = try TestHub(options, folder: folder)
        defer { hub.stop() }
        try body(hub)
    }
}

/// Runs a blocking test with a folder of its own.
func withFolder(_ body: @Sendable (String) throws -> Void) async throws {
    try await withTaskExecutorPreference(BlockingThreads.shared) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
