import Foundation
import GRDB
import HubCore
import Testing

@testable import HubPersistence

@Suite("Reading a room", .timeLimit(.minutes(1)))
struct RoomReadsTests {
    private func filled(_ folder: TemporaryFolder, _ count: Int64) async throws -> SQLiteStore {
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        await store.write(events(try room("ticket:1"), 1...count), andWait: recorder)
        return store
    }

    @Test("a room nobody wrote to has head 0 and nothing")
    func unknown() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let room = try room("ticket:1")
        let snapshot = try await store.load(room)
        #expect(snapshot.head == 0)
        #expect(snapshot.firstKept == 1)
        #expect(snapshot.events.isEmpty)
        #expect(snapshot.starts.isEmpty)
        #expect(snapshot.reads.isEmpty)
        #expect(try await store.history(room, .before(.max)).isEmpty)
        #expect(try await store.history(room, .after(0)).isEmpty)
        store.close()
    }

    @Test("load gives the newest events, at most as many and about as many bytes as asked")
    func load() async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 50)
        let room = try room("ticket:1")
        #expect(try await store.load(room, events: 3).events.map(\.offset) == [48, 49, 50])
        #expect(try await store.load(room, events: 50).events.count == 50)
        #expect(try await store.load(room, events: 1000).events.count == 50)
        #expect(try await store.load(room, events: 0).events.isEmpty)
        let line = event(room, 50).line.count
        #expect(try await store.load(room, bytes: 2 * line).events.map(\.offset) == [49, 50])
        #expect(try await store.load(room, bytes: 3 * line - 1).events.map(\.offset) == [49, 50])
        #expect(try await store.load(room, bytes: 1).events.map(\.offset) == [50])
        store.close()
    }

    @Test("history pages in both directions, with exclusive bounds")
    func history() async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 20)
        let room = try room("ticket:1")
        func offsets(_ anchor: HistoryRange.Anchor, limit: Int, bytes: Int = 1 << 20) async throws -> [Int64] {
            try await store.history(room, anchor, limit: limit, bytes: bytes).map(\.offset)
        }
        #expect(try await offsets(.before(.max), limit: 3) == [18, 19, 20])
        #expect(try await offsets(.before(21), limit: 3) == [18, 19, 20])
        #expect(try await offsets(.before(18), limit: 3) == [15, 16, 17])
        #expect(try await offsets(.before(3), limit: 3) == [1, 2])
        #expect(try await offsets(.before(1), limit: 3) == [])
        #expect(try await offsets(.before(0), limit: 3) == [])
        #expect(try await offsets(.before(.min), limit: 3) == [])
        #expect(try await offsets(.after(0), limit: 3) == [1, 2, 3])
        #expect(try await offsets(.after(-5), limit: 3) == [1, 2, 3])
        #expect(try await offsets(.after(.min), limit: 2) == [1, 2])
        #expect(try await offsets(.after(18), limit: 3) == [19, 20])
        #expect(try await offsets(.after(20), limit: 3) == [])
        #expect(try await offsets(.after(.max), limit: 3) == [])
        #expect(try await offsets(.after(0), limit: 0) == [1])
        #expect(try await offsets(.after(0), limit: .max) == Array(1...20))
        #expect(try await offsets(.before(.max), limit: .max) == Array(1...20))
        let line = event(room, 20).line.count
        #expect(try await offsets(.before(.max), limit: 10, bytes: 2 * line) == [19, 20])
        #expect(try await offsets(.before(.max), limit: 10, bytes: 0) == [20])
        #expect(try await offsets(.after(10), limit: 10, bytes: 2 * line + 1) == [11, 12])
        #expect(try await offsets(.after(10), limit: 10, bytes: -1) == [11])
        store.close()
    }

    @Test("a page holds at most 1000 events")
    func thousand() async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 1100)
        let room = try room("ticket:1")
        #expect(try await store.history(room, .after(0), limit: 5000).count == 1000)
        #expect(try await store.history(room, .before(.max), limit: 5000).first?.offset == 101)
        store.close()
    }

    @Test("a missing event is a fault that names the room; other rooms go on")
    func missing() async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 10)
        let recorder = Recorder()
        store.observe(recorder)
        let (room, other) = (try room("ticket:1"), try room("ticket:2"))
        await store.write(events(other, 1...1), andWait: recorder)
        try sql(folder, "DELETE FROM events WHERE offset = 8")
        let fault = await #expect(throws: StoreFault.self) { try await store.load(room) }
        #expect(fault?.sentence.contains("ticket:1") == true)
        #expect(fault?.sentence.contains("offset 8 is missing") == true)
        await #expect(throws: StoreFault.self) { try await store.history(room, .after(5)) }
        await #expect(throws: StoreFault.self) { try await store.history(room, .after(7)) }
        #expect(try await store.history(room, .after(8)).map(\.offset) == [9, 10])
        #expect(try await store.history(room, .before(8)).map(\.offset) == Array(1...7))
        #expect(try await store.load(other).head == 1)
        let metrics = store.metrics()
        #expect(metrics.readFaults == 3)
        #expect(metrics.reads == 6)
        #expect(metrics.readsWaiting == 0)
        #expect(metrics.readMicroseconds.count == 6)
        store.close()
    }

    @Test(
        "a head that makes no sense is a fault",
        arguments: ["head = -1", "first_kept = 0", "first_kept = 12", "head = 9223372036854775807"]
    )
    func senseless(_ change: String) async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 10)
        try sql(folder, "UPDATE rooms SET \(change)")
        let room = try room("ticket:1")
        await #expect(throws: StoreFault.self) { try await store.load(room) }
        store.close()
    }

    @Test("a room on a damaged page is a fault; a room on sound pages is not")
    func damagedPage() async throws {
        let folder = TemporaryFolder()
        let (first, last) = (try room("ticket:1"), try room("ticket:2"))
        do {
            let store = try await filled(folder, 2000)
            let recorder = Recorder()
            store.observe(recorder)
            await store.write(events(last, 1...2000), andWait: recorder)
            store.close()
        }
        let page = try number(
            folder,
            "SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 5"
        )
        try #require(page > 0)
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        try handle.seek(toOffset: UInt64(page - 1) * 4096)
        try handle.write(contentsOf: Data(repeating: 0xaa, count: 4096))
        try handle.close()
        let store = try SQLiteStore.open(folder)
        var faults = 0
        for offset in stride(from: 0, through: 1900, by: 100) as StrideThrough<Int64> {
            do {
                _ = try await store.history(first, .after(offset), limit: 100)
            } catch {
                faults += 1
            }
        }
        #expect(faults > 0)
        #expect(try await store.load(last, events: 100).events.count == 100)
        store.close()
        #expect(try !DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("requests wait for a thread and are all answered before close returns")
    func queued() async throws {
        let folder = TemporaryFolder()
        let store = try await filled(folder, 100)
        let room = try room("ticket:1")
        let replies = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { (try? await store.load(room, events: 100).events.count) ?? 0 } }
            return await group.reduce(0, +)
        }
        #expect(replies == 20_000)
        store.close()
    }
}
