import GRDB
import HubCore
import HubProtocol
import Testing

@testable import HubPersistence

@Suite("Streams on disk", .timeLimit(.minutes(1)))
struct StreamStoreTests {
    private func opening(_ room: RoomIdentity, _ offset: Int64, _ id: String, own: Bool = false) -> StoreWrite {
        let data = "{\"stream\":\"\(id)\",\"state\":\"open\"}"
        return .stream(
            event(room, offset, by: "bot", kind: "stream", data: data),
            .opened(id: id, owner: "bot", isOwn: own, attempt: 1)
        )
    }

    private func ending(_ room: RoomIdentity, _ offset: Int64, _ id: String) -> StoreWrite {
        .stream(
            event(room, offset, by: "bot", kind: "stream", data: "{\"stream\":\"\(id)\",\"state\":\"done\"}"),
            .ended(id: id, state: .done)
        )
    }

    private func piece(
        _ room: RoomIdentity,
        _ id: String,
        _ tokens: Range<Int64>,
        _ text: String,
        attempt: Int64 = 1
    ) -> StoreWrite {
        .checkpoint(
            StreamCheckpoint(
                room: room,
                stream: id,
                attempt: attempt,
                from: tokens.lowerBound,
                to: tokens.upperBound,
                text: Array(text.utf8),
                isFirst: tokens.lowerBound == 0
            )
        )
    }

    private func state(_ store: SQLiteStore, _ id: String, _ room: RoomIdentity) async throws -> StreamState? {
        try await withCheckedContinuation { reply in
            store.state(of: id, for: room) { reply.resume(returning: $0) }
        }.get()
    }

    @Test("an open one comes back with the text of its pieces, an ended one says how it ended")
    func goingOn() async throws {
        let folder = TemporaryFolder()
        let (one, two) = (try room("ticket:1"), try room("ticket:2", tenant: "t2"))
        var store = try SQLiteStore.open(folder)
        #expect(store.unfinished.isEmpty)
        let recorder = Recorder()
        store.observe(recorder)
        store.write([opening(one, 1, "s1"), opening(one, 2, "s2", own: true), opening(two, 1, "s1")])
        store.write([
            piece(one, "s1", 0..<2, "При"), piece(one, "s1", 2..<5, "вет"), piece(one, "s2", 0..<1, "x"),
            piece(two, "s1", 0..<9, "lost"), piece(two, "s1", 0..<1, "new", attempt: 2), ending(one, 3, "s2"),
        ])
        await recorder.wait(one, durable: 3)
        let told = recorder.now.commits.flatMap(\.streams).map { "\($0.stream) \($0.attempt) \($0.tokens)" }
        #expect(told == ["s1 1 2", "s1 1 5", "s2 1 1", "s1 1 9", "s1 2 1"])
        #expect(try await state(store, "s1", one) == .open)
        #expect(try await state(store, "s2", one) == .done)
        #expect(try await state(store, "s2", two) == nil)
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)

        store = try SQLiteStore.open(folder)
        #expect(store.unfinished.map(\.id) == ["s1", "s1"])
        #expect(store.unfinished.map(\.room) == [one.key, two.key])
        let stream = try #require(try await store.load(one).streams.first)
        #expect(stream.text == Array("Привет".utf8) && stream.tokens == 5 && stream.attempt == 1)
        #expect(stream.owner == "bot" && !stream.isOwn && stream.opened == 1)
        let other = try await store.load(two).streams
        #expect(other.map(\.text) == [Array("new".utf8)] && other.map(\.attempt) == [2])
        #expect(try number(folder, "SELECT count(*) FROM stream_pieces") == 3)
        store.close()
    }

    @Test("a question and the stream of its answer are kept together or not at all")
    func together() async throws {
        let folder = TemporaryFolder()
        let one = try room("ticket:1")
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        store.write([.together(.event(event(one, 1, key: "k")), opening(one, 2, "ask:1:ticket:1", own: true))])
        await recorder.wait(one, durable: 2)
        #expect(try await store.load(one).streams.map(\.isOwn) == [true])
        // An id that is taken: neither of the two is kept.
        store.write([.together(.event(event(one, 3)), opening(one, 4, "ask:1:ticket:1"))])
        await recorder.wait { !$0.writability.isEmpty }
        #expect(try await store.load(one).head == 2)
        store.close()
    }

    /// One bite of a sweep that keeps one event of a room.
    private func sweep(_ store: SQLiteStore) throws {
        var configuration = StoreConfiguration(folder: "")
        configuration.retention = ["log": .init(events: 1)]
        var sweep = RetentionSweep(configuration)
        _ = try store.pool.writeWithoutTransaction { try sweep.bite($0, now: 1_763_700_000_000) }
    }

    @Test("what retention takes frees the ids of streams that ended there")
    func retention() async throws {
        let folder = TemporaryFolder()
        let one = try room("log:1")
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        store.write([opening(one, 1, "s1"), opening(one, 2, "s2"), ending(one, 3, "s1")])
        store.write([.event(event(one, 4))])
        await recorder.wait(one, durable: 4)
        try sweep(store)
        #expect(try await state(store, "s1", one) == nil)
        #expect(try await state(store, "s2", one) == .open)
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test("a database of the version before is taken on as it is")
    func upgrade() async throws {
        let folder = TemporaryFolder()
        let one = try room("ticket:1")
        var store = try SQLiteStore.open(folder)
        store.write(events(one, 1...5))
        store.close()
        // What the version before leaves behind.
        try sql(
            folder,
            """
            DROP TABLE streams; DROP TABLE stream_pieces;
            DELETE FROM grdb_migrations WHERE identifier = '3 streams'; PRAGMA user_version = 2
            """
        )
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        #expect(try await store.load(one).head == 5)
        store.write([opening(one, 6, "s1")])
        await recorder.wait(one, durable: 6)
        #expect(try await state(store, "s1", one) == .open)
        store.close()
        #expect(try number(folder, "PRAGMA user_version") == 3)
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
    }

    @Test(
        "each damage is found",
        arguments: [
            ("DELETE FROM stream_pieces WHERE start = 0", "should have 5 tokens and has 3"),
            ("UPDATE streams SET tokens = 6 WHERE name = 's1'", "should have 6 tokens and has 5"),
            ("UPDATE streams SET ended = NULL WHERE name = 's2'", "the stream s2 does not begin or end"),
            ("UPDATE streams SET opened = 3 WHERE name = 's1'", "the stream s1 does not begin or end"),
            ("UPDATE streams SET room = 9 WHERE name = 's1'", "the stream s1 does not begin or end"),
            ("INSERT INTO stream_pieces VALUES (2, 0, 1, 'x')", "1 pieces of text belong to no open stream"),
            ("DELETE FROM streams WHERE name = 's2'", "opens at offset 2 is not in the table of streams"),
            ("DROP TABLE stream_pieces", "a table cannot be read"),
        ]
    )
    func damage(_ change: String, _ sentence: String) async throws {
        let folder = TemporaryFolder()
        let one = try room("ticket:1")
        let store = try SQLiteStore.open(folder)
        store.write([opening(one, 1, "s1"), opening(one, 2, "s2")])
        store.write([.event(event(one, 3)), ending(one, 4, "s2")])
        store.write([piece(one, "s1", 0..<2, "ab"), piece(one, "s1", 2..<5, "cde")])
        store.close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        try sql(folder, change)
        let findings = try DatabaseCheck.run(path: folder.database)
        #expect(findings.contains { $0.sentence.contains(sentence) }, "\(findings.map(\.sentence))")
    }
}
