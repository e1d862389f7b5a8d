import GRDB
import HubCore
import HubProtocol

@testable import HubPersistence

/// A room to test with.
func room(_ name: String, tenant: String = "default") throws -> RoomIdentity {
    RoomIdentity(key: RoomKey(tenant: Tenant(tenant), name: try RoomName(validating: name)), home: 0)
}

/// An event to test with.
func event(
    _ room: RoomIdentity,
    _ offset: Int64,
    by user: String = "anna",
    key: String? = nil,
    at: Int64? = nil,
    kind: String = "message",
    data: String? = nil
) -> KeptEvent {
    let bytes = Array((data ?? "{\"text\":\"message \(offset)\"}").utf8)
    return bytes.withUnsafeBytes { bytes in
        KeptEvent(
            room: room,
            offset: offset,
            at: at ?? 1_763_700_000_000 + offset,
            by: user,
            kind: kind,
            key: key,
            data: ByteView(bytes)
        )
    }
}

/// Events of a range of offsets, as writes.
func events(_ room: RoomIdentity, _ offsets: ClosedRange<Int64>) -> [StoreWrite] {
    offsets.map { .event(event(room, $0)) }
}

extension SQLiteStore {
    /// Opens with the kernel's clock and the quickest settings that sync.
    static func open(_ folder: TemporaryFolder) throws -> SQLiteStore {
        try open(StoreConfiguration(folder: folder.path))
    }

    /// Writes and waits until everything of it is durable.
    func write(_ writes: [StoreWrite], andWait recorder: Recorder) async {
        let before = recorder.now.commits.reduce(0) { $0 + $1.reads.count }
        write(writes)
        var heads: [RoomKey: (RoomIdentity, Int64)] = [:]
        var reads = 0
        var revocations: [Revocation] = []
        for write in writes {
            switch write {
            case .event(let event), .stream(let event, _), .job(let event, _):
                heads[event.room.key] = (event.room, event.offset)
            case .read: reads += 1
            case .revocation(let revocation): revocations.append(revocation)
            case .checkpoint, .together: break
            }
        }
        for (room, head) in heads.values { await recorder.wait(room, durable: head) }
        for revocation in revocations {
            await recorder.wait { $0.commits.contains { $0.revocations.contains(revocation) } }
        }
        let expected = before + reads
        await recorder.wait { $0.commits.reduce(0) { $0 + $1.reads.count } >= expected }
    }

    func load(_ room: RoomIdentity, events: Int = 100, bytes: Int = 1 << 20) async throws -> RoomSnapshot {
        try await withCheckedContinuation { reply in
            load(room, events: events, bytes: bytes) { reply.resume(returning: $0) }
        }.get()
    }

    func history(
        _ room: RoomIdentity,
        _ anchor: HistoryRange.Anchor,
        limit: Int = 100,
        bytes: Int = 1 << 20
    ) async throws -> [KeptEvent] {
        try await withCheckedContinuation { reply in
            history(room, HistoryRange(anchor, limit: limit, bytes: bytes)) { reply.resume(returning: $0) }
        }.get()
    }

    func offsets(of keys: [SendKey], in room: RoomIdentity) async throws -> [SendKey: KeyedOffset] {
        try await withCheckedContinuation { reply in
            offsets(of: keys, in: room) { reply.resume(returning: $0) }
        }.get()
    }
}

/// Runs SQL on the database file, as another program would; waits for a store that is writing.
func sql(_ folder: TemporaryFolder, _ statements: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    let queue = try DatabaseQueue(path: folder.database, configuration: configuration)
    try queue.write { try $0.execute(sql: statements) }
    try queue.close()
}

/// Asks the database file for a number, as another program would.
func number(_ folder: TemporaryFolder, _ query: String) throws -> Int {
    let queue = try DatabaseQueue(path: folder.database)
    defer { try? queue.close() }
    return try queue.read { try Int.fetchOne($0, sql: query) } ?? -1
}

/// A connection of another program, which may leave transactions open.
func outsider(_ folder: TemporaryFolder) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    return try DatabaseQueue(path: folder.database, configuration: configuration)
}

extension DatabaseQueue {
    /// Runs SQL outside of any transaction of GRDB's, from a test that may be async.
    func run(_ sql: String) throws {
        try writeWithoutTransaction { try $0.execute(sql: sql) }
    }
}
