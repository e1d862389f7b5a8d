import GRDB
import HubCore
import HubProtocol
import Logging
import Testing

@testable import HubPersistence

@Suite("Group commit", .timeLimit(.minutes(1)))
struct GroupCommitTests {
    @Test("a batch is one commit: full ones at once, the rest when its 5 ms are over")
    func boundaries() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitWrites = 3
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        store.write(events(room, 1...7))
        await recorder.wait(room, durable: 6)
        #expect(recorder.now.commits.map { $0.durable.map(\.offset) } == [[3], [6]])
        clock.advance(.milliseconds(5))
        await recorder.wait(room, durable: 7)
        #expect(recorder.now.commits.count == 3)
        let metrics = store.metrics()
        #expect(metrics.commits == 3)
        #expect(metrics.committedEvents == 7)
        #expect(metrics.batchSizes.buckets[0] == 1)
        #expect(metrics.batchSizes.buckets[2] == 2)
        #expect(metrics.lagWrites == 0)
        #expect(metrics.walBytes > 0)
        #expect(metrics.databaseBytes > 0)
        store.close()
    }

    @Test("a commit tells the highest offset of each room it touched, and its read marks")
    func told() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let (one, two) = (try room("ticket:1"), try room("ticket:2"))
        let writes: [StoreWrite] = [
            .event(event(one, 1)), .event(event(two, 1)), .read(room: two, user: "anna", upto: 1),
            .event(event(one, 2)), .event(event(one, 3)),
        ]
        await store.write(writes, andWait: recorder)
        let commits = recorder.now.commits
        #expect(commits.count == 1)
        #expect(commits[0].durable.map { "\($0.room.key.name.text) \($0.offset)" } == ["ticket:1 3", "ticket:2 1"])
        #expect(commits[0].reads.map { "\($0.room.key.name.text) \($0.user) \($0.upto)" } == ["ticket:2 anna 1"])
        store.close()
    }

    @Test("events come back as they were written, over many rooms, batches and a small cache")
    func manyRooms() async throws {
        let folder = TemporaryFolder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.cachedRooms = 2
        configuration.commitWrites = 7
        let store = try SQLiteStore.open(configuration)
        let recorder = Recorder()
        store.observe(recorder)
        let rooms = try (0..<10).map { try room("ticket:\($0)", tenant: "t\($0 % 2)") }
        for offset in 1...20 as ClosedRange<Int64> {
            store.write(rooms.map { .event(event($0, offset, key: "k\(offset)", data: "{\"n\":\(offset)}")) })
        }
        for room in rooms { await recorder.wait(room, durable: 20) }
        for room in rooms {
            let snapshot = try await store.load(room)
            #expect(snapshot.head == 20)
            #expect(snapshot.firstKept == 1)
            #expect(snapshot.events.map(\.offset) == Array(1...20))
            let last = try #require(snapshot.events.last)
            #expect(last.line == event(room, 20, key: "k20", data: "{\"n\":20}").line)
            #expect(last.key == "k20")
            #expect(last.by == "anna")
            #expect(last.kind == "message")
            #expect(last.at == 1_763_700_000_020)
        }
        store.close()
    }

    @Test("rooms of two tenants with one name are two rooms")
    func tenants() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let (one, two) = (try room("ticket:1", tenant: "a"), try room("ticket:1", tenant: "b"))
        await store.write(events(one, 1...3) + events(two, 1...1), andWait: recorder)
        #expect(try await store.load(one).head == 3)
        #expect(try await store.load(two).head == 1)
        store.close()
    }

    @Test("odd data is kept byte by byte")
    func oddData() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        let data = [
            "\"\"", "0", "[]", "null", "{\"\\u0001\":\"🐦 \\\" \"}",
            "{\"text\":\"" + String(repeating: "long ", count: 13_000) + "\"}",
        ]
        let written = data.enumerated().map { event(room, Int64($0.offset) + 1, by: "Zoë ☃", data: $0.element) }
        await store.write(written.map { .event($0) }, andWait: recorder)
        let read = try await store.load(room).events
        #expect(read.map(\.line) == written.map(\.line))
        store.close()
    }

    @Test("keys point at their offsets, per sender and room, across a restart")
    func keys() async throws {
        let folder = TemporaryFolder()
        let (one, two) = (try room("ticket:1"), try room("ticket:2"))
        do {
            let store = try SQLiteStore.open(folder)
            let recorder = Recorder()
            store.observe(recorder)
            await store.write(
                [
                    .event(event(one, 1, by: "anna", key: "k")), .event(event(one, 2, by: "boris", key: "k")),
                    .event(event(one, 3)), .event(event(two, 1, by: "anna", key: "k", at: 77)),
                ],
                andWait: recorder
            )
            store.close()
        }
        let store = try SQLiteStore.open(folder)
        let (anna, boris) = (SendKey(user: "anna", key: "k"), SendKey(user: "boris", key: "k"))
        let unknown = SendKey(user: "anna", key: "other")
        let found = try await store.offsets(of: [anna, boris, unknown], in: one)
        #expect(found[anna]?.offset == 1)
        #expect(found[boris]?.offset == 2)
        #expect(found[unknown] == nil)
        #expect(try await store.offsets(of: [anna], in: two) == [anna: KeyedOffset(offset: 1, at: 77)])
        #expect(try await store.offsets(of: [], in: two).isEmpty)
        #expect(try await store.offsets(of: [anna], in: room("ticket:3")).isEmpty)
        store.close()
    }

    @Test("read marks never go down, within a batch, across batches, across a restart")
    func readMarks() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        for marks: [Int64] in [[3, 5, 4], [2], [4, 1]] {
            let store = try SQLiteStore.open(folder)
            let recorder = Recorder()
            store.observe(recorder)
            for mark in marks { await store.write([.read(room: room, user: "anna", upto: mark)], andWait: recorder) }
            await store.write([.read(room: room, user: "boris", upto: 1)], andWait: recorder)
            #expect(try await store.load(room).reads == ["anna": 5, "boris": 1])
            store.close()
        }
    }

    @Test("a second start on the database goes on where the first ended")
    func restart() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        for start in 0..<3 as Range<Int64> {
            let store = try SQLiteStore.open(folder)
            let recorder = Recorder()
            store.observe(recorder)
            #expect(try await store.load(room).head == start * 2)
            await store.write(events(room, (start * 2 + 1)...(start * 2 + 2)), andWait: recorder)
            #expect(store.close() == 0)
        }
    }

    @Test("close writes what is queued without waiting for its time")
    func closeWrites() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitInterval = .seconds(3600)
        let store = try SQLiteStore.open(configuration)
        store.write(events(room, 1...2500))
        #expect(store.close() == 0)
        #expect(store.condition == .unavailable)
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(room).head == 2500)
        again.close()
    }

    @Test("after close a read is a fault, a write is logged, and a second close does nothing")
    func afterClose() async throws {
        let folder = TemporaryFolder()
        let log = LogRecorder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.logger = log.logger
        let store = try SQLiteStore.open(configuration)
        let room = try room("ticket:1")
        store.close()
        await #expect(throws: StoreFault.self) { try await store.load(room) }
        store.write(events(room, 1...1))
        #expect(log.count(.error) == 1)
        #expect(store.close() == 1)
    }

    @Test("a store that nobody closed closes when it goes")
    func deinitCloses() async throws {
        let folder = TemporaryFolder()
        let room = try room("ticket:1")
        try SQLiteStore.open(folder).write(events(room, 1...5))
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(room).head == 5)
        again.close()
    }

    @Test("a store without an observer writes all the same")
    func unobserved() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        store.write([])
        store.write(events(try room("ticket:1"), 1...5))
        #expect(store.close() == 0)
    }
}
