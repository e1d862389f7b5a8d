import Dispatch
import GRDB
import HubCore
import Logging
import Testing

@testable import HubPersistence

@Suite("Faults of the disk and of the hub", .timeLimit(.minutes(1)))
struct DiskFaultTests {
    /// As many events as fill a database whose size is held.
    private func large(_ room: RoomIdentity, _ offsets: ClosedRange<Int64>) -> [StoreWrite] {
        offsets.map { .event(event(room, $0, data: "\"" + String(repeating: "x", count: 20_000) + "\"")) }
    }

    private func holdSize(_ store: SQLiteStore, _ hold: Bool) throws {
        try store.pool.writeWithoutTransaction { db in
            let pages = hold ? try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 : 1 << 30
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    @Test("a full disk makes the store unavailable, reads go on, and it recovers by itself with nothing lost")
    func full() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitWrites = 1
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let (small, big) = (try room("ticket:1"), try room("ticket:2"))
        await store.write(events(small, 1...1), andWait: recorder)
        try holdSize(store, true)
        store.write(large(big, 1...40))
        await recorder.wait { $0.conditions == [.unavailable] }
        #expect(store.condition == .unavailable)
        #expect(store.metrics().lagWrites > 0)
        #expect(try await store.load(small).head == 1)
        // Accepted by the hub before it saw the condition: kept.
        store.write(events(small, 2...2))
        #expect(store.condition == .unavailable)

        try holdSize(store, false)
        clock.advance(.milliseconds(100))
        await recorder.wait(big, durable: 40)
        await recorder.wait(small, durable: 2)
        await recorder.wait { $0.conditions == [.unavailable, .ready] }
        #expect(store.metrics().commitFailures == 1)
        #expect(try await store.load(big, bytes: 1 << 30).events.map(\.offset) == Array(1...40))
        #expect(log.count(.error) == 1)
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("every attempt waits twice as long, and only the first one is an error in the log")
    func backoff() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitWrites = 1
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let big = try room("ticket:2")
        try holdSize(store, true)
        store.write(large(big, 1...40))
        await recorder.wait { $0.conditions == [.unavailable] }
        for (attempt, wait) in [100, 200, 400].enumerated() {
            clock.advance(.milliseconds(wait))
            while store.metrics().commitFailures < UInt64(attempt + 2) { await Task.yield() }
        }
        #expect(log.count(.error) == 1)
        try holdSize(store, false)
        clock.advance(.milliseconds(800))
        await recorder.wait(big, durable: 40)
        store.close()
    }

    @Test("another process that locks the database makes it unavailable until it has let go")
    func locked() async throws {
        let folder = TemporaryFolder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.busyTimeout = .milliseconds(10)
        let store = try SQLiteStore.open(configuration)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        let other = try OtherProcess(
            "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\ndb.execute('BEGIN IMMEDIATE')",
            folder.database
        )
        store.write(events(room, 1...1))
        await recorder.wait { $0.conditions == [.unavailable] }
        #expect(try await store.load(room).head == 0)
        other.end()
        await recorder.wait(room, durable: 1)
        await recorder.wait { $0.conditions == [.unavailable, .ready] }
        store.close()
    }

    @Test("a room whose rows are wrong is set aside and tried again until they are right; all others go on")
    func roomAtFault() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        let (bad, good) = (try room("ticket:1"), try room("ticket:2"))
        try await filled(folder, events(bad, 1...2) + events(good, 1...2))
        try sql(folder, "UPDATE rooms SET head = 7 WHERE name = 'ticket:1'")
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitWrites = 5
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let mark = StoreWrite.read(room: bad, user: "anna", upto: 3)
        store.write(events(good, 3...3) + events(bad, 3...4) + [mark] + events(good, 4...4))
        await recorder.wait(good, durable: 4)
        #expect(recorder.now.writability == ["ticket:1 false"])
        #expect(store.faultyRooms == 1)
        #expect(store.condition == .ready)
        #expect(log.count(.critical) == 1)
        // Accepted before the hub heard of it: kept behind the others.
        store.write(events(bad, 5...5) + events(good, 5...8))
        await recorder.wait(good, durable: 8)
        #expect(store.metrics().lagWrites == 4)
        #expect(store.metrics().unwritableRooms == 1)

        clock.advance(.seconds(1))
        while log.count(.debug) < 1 { await Task.yield() }
        #expect(store.metrics().lagWrites == 4)
        try sql(folder, "UPDATE rooms SET head = 2 WHERE name = 'ticket:1'")
        clock.advance(.seconds(2))
        await recorder.wait { $0.writability == ["ticket:1 false", "ticket:1 true"] }
        #expect(recorder.now.durable(bad) == 5)
        #expect(recorder.now.commits.last?.reads.count == 1)
        #expect(store.faultyRooms == 0)
        #expect(store.metrics().lagWrites == 0)
        #expect(recorder.now.conditions.isEmpty)
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("an offset that does not follow, or a key that is taken, stops its room and is never dropped")
    func wrongWrites() async throws {
        let folder = TemporaryFolder()
        let log = LogRecorder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.logger = log.logger
        let store = try SQLiteStore.open(configuration)
        let recorder = Recorder()
        store.observe(recorder)
        let (gap, taken) = (try room("ticket:1"), try room("ticket:2"))
        await store.write(events(gap, 1...2) + [.event(event(taken, 1, key: "k"))], andWait: recorder)
        store.write(events(gap, 4...4) + [.event(event(taken, 2, key: "k"))])
        await recorder.wait { $0.writability == ["ticket:1 false", "ticket:2 false"] }
        #expect(store.metrics().lagWrites == 2)
        #expect(store.condition == .ready)
        #expect(log.count(.critical) == 2)
        #expect(store.close(deadline: .zero) == 2)
        #expect(log.count(.critical) == 3)
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(gap).head == 2)
        #expect(try await again.load(taken).head == 1)
        again.close()
    }

    @Test("what is set aside is tried a last time at the end")
    func lastTry() async throws {
        let folder = TemporaryFolder()
        let bad = try room("ticket:1")
        try await filled(folder, events(bad, 1...2))
        try sql(folder, "UPDATE rooms SET head = 7")
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        store.write(events(bad, 3...3))
        await recorder.wait { $0.writability == ["ticket:1 false"] }
        try sql(folder, "UPDATE rooms SET head = 2")
        #expect(store.close() == 0)
        #expect(try number(folder, "SELECT head FROM rooms") == 3)
    }

    @Test("a disk that fails while a room is tried again leaves the room aside")
    func faultDuringRetry() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        let bad = try room("ticket:1")
        try await filled(folder, events(bad, 1...2))
        try sql(folder, "UPDATE rooms SET head = 7")
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.busyTimeout = .milliseconds(10)
        configuration.commitWrites = 1
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        store.write(events(bad, 3...3))
        await recorder.wait { $0.writability == ["ticket:1 false"] }
        let other = try outsider(folder)
        try other.run("BEGIN IMMEDIATE; UPDATE rooms SET head = 2")
        clock.advance(.seconds(1))
        while log.count(.debug) < 1 { await Task.yield() }
        #expect(store.faultyRooms == 1)
        try other.run("COMMIT")
        clock.advance(.seconds(2))
        await recorder.wait(bad, durable: 3)
        store.close()
    }

    @Test("a room that cannot be read is counted until the read that failed succeeds")
    func unreadable() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        let log = LogRecorder()
        let (bad, good) = (try room("ticket:1"), try room("ticket:2"))
        try await filled(folder, events(bad, 1...20) + events(good, 1...2))
        try sql(folder, "UPDATE events SET offset = 99 WHERE room = 1 AND offset = 3")
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.logger = log.logger
        let store = try SQLiteStore(configuration, clock: clock)
        for _ in 1...2 {
            await #expect(throws: StoreFault.self) { try await store.history(bad, .after(0)) }
        }
        #expect(store.faultyRooms == 1)
        // Another part of the room says nothing about the damage.
        #expect(try await store.load(bad, events: 5).events.count == 5)
        #expect(try await store.load(good).head == 2)
        #expect(store.metrics().unreadableRooms == 1)
        clock.advance(.seconds(1))
        while log.count(.debug) < 1 { await Task.yield() }
        #expect(store.faultyRooms == 1)
        try sql(folder, "UPDATE events SET offset = 3 WHERE room = 1 AND offset = 99")
        clock.advance(.seconds(2))
        while store.faultyRooms > 0 { await Task.yield() }
        store.close()
    }

    private func filled(_ folder: TemporaryFolder, _ writes: [StoreWrite]) async throws {
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        await store.write(writes, andWait: recorder)
        store.close()
    }

    @Test("too much waiting is busy, which the observer hears, and ready again once it is written")
    func busy() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.lagWrites = 10
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        store.write(events(room, 1...9))
        #expect(store.condition == .ready)
        store.write(events(room, 10...10))
        #expect(store.condition == .busy(retryAfter: 1000))
        await recorder.wait { $0.conditions.count == 1 }
        clock.advance(.milliseconds(5))
        await recorder.wait(room, durable: 10)
        await recorder.wait { $0.conditions == [.busy(retryAfter: 1000), .ready] }
        store.close()
    }

    @Test("a store that stands still shows busy in its metrics without a write coming")
    func stale() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitInterval = .seconds(60)
        let store = try SQLiteStore(configuration, clock: clock)
        store.write(events(try room("ticket:1"), 1...1))
        clock.advance(.seconds(11))
        let metrics = store.metrics()
        #expect(metrics.lagTime == .seconds(11))
        #expect(metrics.condition.isSame(as: .busy(retryAfter: 0)))
        #expect(store.condition.isSame(as: .busy(retryAfter: 0)))
        store.close()
    }

    @Test("a disk that never answers does not hold up the end of the process, but holds the folder")
    func stuck() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let (entered, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try StoreThread.start("stuck disk") {
            store.pool.writeWithoutTransaction { _ in
                entered.signal()
                leave.wait()
            }
        }
        await withCheckedContinuation { go in
            DispatchQueue.global().async {
                entered.wait()
                go.resume()
            }
        }
        store.write(events(try room("ticket:1"), 1...3))
        #expect(store.close(deadline: .milliseconds(20)) == 3)
        #expect(throws: StoreOpenError.self) { try SQLiteStore.open(folder) }
        leave.signal()
        #expect(store.close() == 0)
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(room("ticket:1")).head == 3)
        again.close()
    }
}
