import Foundation
import HubCore
import Testing

@testable import HubPersistence

@Suite("Checking a database", .timeLimit(.minutes(1)))
struct DatabaseCheckTests {
    /// A database with two rooms, keys, read marks and two starts.
    private func sound() async throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let (one, two) = (try room("ticket:1"), try room("ticket:2", tenant: "t2"))
        for start in 0..<2 as Range<Int64> {
            let store = try SQLiteStore.open(folder)
            store.write((1...10).map { .event(event(one, start * 10 + $0, key: "k\(start)-\($0)")) })
            if start == 0 { store.write(events(two, 1...5)) }
            store.write([.read(room: one, user: "anna", upto: 7), .read(room: two, user: "boris", upto: 5)])
            store.close()
        }
        return folder
    }

    @Test("a sound database has no findings")
    func nothing() async throws {
        let folder = try await sound()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("a running hub's database can be checked, with its findings up to the last commit")
    func running() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        await store.write(events(room, 1...100), andWait: recorder)
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        await store.write(events(room, 101...200), andWait: recorder)
        #expect(try await store.load(room).head == 200)
        store.close()
    }

    @Test(
        "each damage is found, with the room's name where there is one",
        arguments: [
            ("DELETE FROM events WHERE room = 1 AND offset = 8", "offset 8 is missing"),
            ("DELETE FROM events WHERE room = 1 AND offset = 20", "offset 20 is missing"),
            ("DELETE FROM events WHERE room = 1 AND offset = 1", "offset 1 is missing"),
            ("UPDATE rooms SET head = 21 WHERE id = 1", "room ticket:1 of tenant default should keep"),
            ("UPDATE rooms SET head = 4 WHERE id = 2", "room ticket:2 of tenant t2 should keep"),
            ("UPDATE rooms SET first_kept = 3 WHERE id = 2", "room ticket:2 of tenant t2 should keep"),
            ("UPDATE events SET offset = 9223372036854775807 WHERE room = 2 AND offset = 5", "offset 5 is missing"),
            ("UPDATE events SET room = 7 WHERE room = 2", "belong to a room that does not exist"),
            ("DELETE FROM keys WHERE key = 'k0-3'", "the event 3 of room ticket:1"),
            ("UPDATE keys SET offset = 4 WHERE key = 'k0-3'", "points at offset 4"),
            ("UPDATE keys SET offset = 400 WHERE key = 'k0-3'", "points at offset 400"),
            ("UPDATE keys SET user = 'boris' WHERE key = 'k0-3'", "a key of boris in room ticket:1"),
            ("INSERT INTO keys VALUES (9, 'anna', 'k', 1, 1)", "in a room that does not exist"),
            ("INSERT INTO room_starts VALUES (1, 5, 21)", "start 5, which does not fit"),
            ("UPDATE room_starts SET first_offset = 1 WHERE start = 1", "of start 0, which does not fit"),
            ("DELETE FROM room_starts WHERE room = 2", "room ticket:2 of tenant t2 does not say in which start"),
            ("UPDATE room_starts SET first_offset = 2 WHERE room = 2", "does not say in which start"),
            ("UPDATE reads SET upto = 6 WHERE room = 2", "boris has read room ticket:2 of tenant t2 up to 6"),
            ("INSERT INTO reads VALUES (9, 'anna', 1)", "anna has read a room that does not exist"),
            ("DELETE FROM starts WHERE number = 0", "the table of starts"),
            ("DROP TABLE reads", "a table cannot be read"),
        ]
    )
    func damage(_ change: String, _ sentence: String) async throws {
        let folder = try await sound()
        try sql(folder, change)
        let findings = try DatabaseCheck.run(path: folder.database)
        #expect(findings.contains { $0.sentence.contains(sentence) }, "\(findings.map(\.sentence))")
        #expect(findings.allSatisfy { !$0.advice.isEmpty })
    }

    @Test("a damaged page is found")
    func page() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        store.write(events(try room("ticket:1"), 1...2000))
        store.close()
        let page = try number(
            folder,
            "SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 3"
        )
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        try handle.seek(toOffset: UInt64(page - 1) * 4096)
        try handle.write(contentsOf: Data(repeating: 0, count: 4096))
        try handle.close()
        let findings = try DatabaseCheck.run(path: folder.database)
        #expect(findings.contains { $0.sentence.contains("the file is damaged") })
    }

    @Test("no database, a foreign one, a newer one and none at all are errors with a sentence")
    func refusals() async throws {
        let folder = TemporaryFolder()
        let missing = #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: folder.database) }
        #expect(missing?.sentence.contains("there is no database") == true)
        try folder.make()
        #expect(FileManager.default.createFile(atPath: folder.database, contents: nil))
        let empty = #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: folder.database) }
        #expect(empty?.reason == .notADatabase)
        try Data(repeating: 0x41, count: 5000).write(to: URL(fileURLWithPath: folder.database))
        let text = #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: folder.database) }
        #expect(text?.reason == .notADatabase)
        let newer = try await sound()
        try sql(newer, "PRAGMA user_version = 99")
        let refused = #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: newer.database) }
        #expect(refused?.reason == .newerSchema)
    }
}
