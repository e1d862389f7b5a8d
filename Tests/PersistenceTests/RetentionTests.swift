import GRDB
import HubCore
import Logging
import Testing

@testable import HubPersistence

@Suite("Retention", .timeLimit(.minutes(1)))
struct RetentionTests {
    private static let day: Int64 = 86_400_000

    /// Sweeps with a rule, bite by bite, until the last one.
    private func sweep(
        _ store: SQLiteStore,
        _ rules: [String: StoreConfiguration.Retention],
        now: Int64
    ) throws -> [RetentionSweep.Bite] {
        var configuration = StoreConfiguration(folder: "")
        configuration.retention = rules
        var sweep = RetentionSweep(configuration)
        var bites: [RetentionSweep.Bite] = []
        repeat {
            bites.append(try store.pool.writeWithoutTransaction { try sweep.bite($0, now: now) })
        } while bites.last?.isLast == false
        return bites
    }

    private func filled(_ folder: TemporaryFolder, _ writes: [StoreWrite]) async throws -> SQLiteStore {
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        await store.write(writes, andWait: recorder)
        return store
    }

    @Test("keeps the newest events of a room, takes the others in bites, and leaves the head")
    func byNumber() async throws {
        let folder = TemporaryFolder()
        let (log, ticket) = (try room("log:1"), try room("ticket:1"))
        let store = try await filled(folder, events(log, 1...1250) + events(ticket, 1...200))
        let bites = try sweep(store, ["log": .init(events: 100)], now: 1_763_700_000_000)
        #expect(bites.map(\.events) == [500, 500, 150, 0])
        let snapshot = try await store.load(log, events: 1000)
        #expect(snapshot.head == 1250)
        #expect(snapshot.firstKept == 1151)
        #expect(snapshot.events.map(\.offset) == Array(1151...1250))
        #expect(try await store.history(log, .after(0), limit: 2).map(\.offset) == [1151, 1152])
        #expect(try await store.history(log, .before(1152)).map(\.offset) == [1151])
        #expect(try await store.history(log, .before(1151)).isEmpty)
        #expect(try await store.load(ticket).firstKept == 1)
        #expect(try sweep(store, ["log": .init(events: 100)], now: 1_763_700_000_000).map(\.events) == [0, 0])
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("takes events older than the given days, up to all of them; the head stays and offsets go on")
    func byAge() async throws {
        let folder = TemporaryFolder()
        let room = try room("log:1")
        let writes = (1...10).map { StoreWrite.event(event(room, $0, at: $0 * Self.day)) }
        let store = try await filled(folder, writes)
        let rules = ["log": StoreConfiguration.Retention(days: 3)]
        #expect(try sweep(store, rules, now: 8 * Self.day).map(\.events) == [4, 0])
        #expect(try await store.load(room).events.map(\.offset) == Array(5...10))
        _ = try sweep(store, rules, now: 100 * Self.day)
        let empty = try await store.load(room)
        #expect(empty.head == 10)
        #expect(empty.firstKept == 11)
        #expect(empty.events.isEmpty)
        #expect(empty.starts.map(\.firstOffset) == [1])
        #expect(try await store.history(room, .after(0)).isEmpty)
        store.write(events(room, 11...11))
        store.close()
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(room).events.map(\.offset) == [11])
        again.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("where both bounds are given an event goes as soon as either says so")
    func both() async throws {
        let folder = TemporaryFolder()
        let room = try room("log:1")
        let writes = (1...10).map { StoreWrite.event(event(room, $0, at: $0 * Self.day)) }
        let store = try await filled(folder, writes)
        _ = try sweep(store, ["log": .init(days: 100, events: 8)], now: 10 * Self.day)
        #expect(try await store.load(room).firstKept == 3)
        _ = try sweep(store, ["log": .init(days: 3, events: 8)], now: 10 * Self.day)
        #expect(try await store.load(room).firstKept == 7)
        store.close()
    }

    @Test("a side room follows the rule of its kind")
    func sideRoom() async throws {
        let folder = TemporaryFolder()
        let room = try room("log:1/notes")
        let store = try await filled(folder, events(room, 1...10))
        _ = try sweep(store, ["log": .init(events: 1)], now: 0)
        #expect(try await store.load(room).firstKept == 10)
        store.close()
    }

    @Test("a key outlives its event until it is 7 days old, then goes with it or after it")
    func keys() async throws {
        let folder = TemporaryFolder()
        let room = try room("log:1")
        let writes = (1...10).map { StoreWrite.event(event(room, $0, key: "k\($0)", at: $0 * Self.day)) }
        let store = try await filled(folder, writes)
        func known() async throws -> [Int64] {
            let keys = (1...10).map { SendKey(user: "anna", key: "k\($0)") }
            return try await store.offsets(of: keys, in: room).values.map(\.offset).sorted()
        }
        let rules = ["log": StoreConfiguration.Retention(events: 2)]
        _ = try sweep(store, rules, now: 10 * Self.day)
        #expect(try await store.load(room).firstKept == 9)
        #expect(try await known() == Array(3...10))
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        let bites = try sweep(store, rules, now: 12 * Self.day)
        #expect(bites.map(\.keys).reduce(0, +) == 2)
        #expect(try await known() == Array(5...10))
        _ = try sweep(store, rules, now: 1000 * Self.day)
        #expect(try await known() == [9, 10])
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("a rule without bounds, and no rule, keep everything")
    func nothing() async throws {
        var configuration = StoreConfiguration(folder: "")
        #expect(!RetentionSweep(configuration).isNeeded)
        configuration.retention = ["log": .init()]
        #expect(!RetentionSweep(configuration).isNeeded)
        configuration.retention = ["log": .init(days: 1)]
        #expect(RetentionSweep(configuration).isNeeded)
    }

    @Test("the writer sweeps when it has nothing to write")
    func writer() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.retention = ["log": .init(events: 10)]
        configuration.commitWrites = 1200
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("log:1")
        await store.write(events(room, 1...1200), andWait: recorder)
        clock.advance(.seconds(60))
        while store.metrics().expiredEvents < 1190 { await Task.yield() }
        #expect(recorder.now.trimmed == ["log:1 501", "log:1 1001", "log:1 1191"])
        #expect(try await store.load(room).firstKept == 1191)
        store.write(events(room, 1201...1300))
        clock.advance(.seconds(1))
        await recorder.wait(room, durable: 1300)
        clock.advance(.seconds(3600))
        while store.metrics().expiredEvents < 1290 { await Task.yield() }
        store.close()
    }

    @Test("a room whose rows cannot be removed is left out, and the rooms behind it are not")
    func damagedRoom() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.retention = ["log": .init(events: 1)]
        configuration.commitWrites = 20
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        await store.write(events(try room("log:1"), 1...10) + events(try room("log:2"), 1...10), andWait: recorder)
        try sql(
            folder,
            "CREATE TRIGGER held BEFORE DELETE ON events WHEN old.room = 1 BEGIN SELECT RAISE(ABORT, 'held'); END"
        )
        clock.advance(.seconds(60))
        await recorder.wait { $0.trimmed == ["log:2 10"] }
        #expect(log.count(.warning) == 1)
        try sql(folder, "DROP TRIGGER held")
        // The sweep may still be going on, and the next one counts from its end: time goes on until that has come.
        while recorder.now.trimmed != ["log:2 10", "log:1 10"] {
            clock.advance(.seconds(3600))
            await Task.yield()
        }
        store.close()
    }

    @Test("a sweep that fails is tried again later and stops nothing")
    func failing() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.retention = ["log": .init(events: 1)]
        configuration.commitWrites = 10
        configuration.busyTimeout = .milliseconds(1)
        let log = LogRecorder()
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("log:1")
        await store.write(events(room, 1...10), andWait: recorder)
        let other = try outsider(folder)
        try other.run("BEGIN IMMEDIATE")
        clock.advance(.seconds(60))
        while log.count(.warning) == 0 { await Task.yield() }
        try other.run("ROLLBACK")
        clock.advance(.seconds(3600))
        while store.metrics().expiredEvents < 9 { await Task.yield() }
        store.close()
    }
}
