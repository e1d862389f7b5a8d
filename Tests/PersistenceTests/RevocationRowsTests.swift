import GRDB
import HubCore
import Testing

@testable import HubPersistence

@Suite("Revocations", .timeLimit(.minutes(1)))
struct RevocationRowsTests {
    private static let all: [Revocation] = [
        Revocation(tenant: Tenant("t1"), subject: .user("anna b"), at: 1, until: nil),
        Revocation(tenant: Tenant("t1"), subject: .tokenID("anna b"), at: 2, until: 4_000_000_000_000),
        Revocation(tenant: Tenant("t1"), subject: .session("anna b"), at: 3, until: nil),
        Revocation(tenant: .default, subject: .token(user: "a b", issued: 5, expires: 6), at: 4, until: nil),
        Revocation(tenant: .default, subject: .token(user: "a b", issued: nil, expires: 6), at: 4, until: nil),
    ]

    @Test("are read again at the next start")
    func survive() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        #expect(store.revocations.isEmpty)
        await store.write(Self.all.map(StoreWrite.revocation), andWait: recorder)
        store.close()
        let again = try SQLiteStore.open(folder)
        #expect(Set(again.revocations) == Set(Self.all))
        again.close()
    }

    @Test("one of the same subject takes the place of the earlier, and what has ended goes")
    func bounded() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let ended = Revocation(tenant: .default, subject: .user("u1"), at: 1, until: 5)
        await store.write([.revocation(ended)], andWait: recorder)
        for at in Int64(4)...6 {
            let later = Revocation(tenant: .default, subject: .user("u2"), at: at, until: nil)
            await store.write([.revocation(later)], andWait: recorder)
        }
        store.close()
        #expect(try number(folder, "SELECT count(*) FROM revocations") == 1)
        #expect(try number(folder, "SELECT at FROM revocations") == 6)
    }

    @Test("one that has ended does not stand at the start")
    func ended() async throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        let rows = "('default', 'user', 'u', 1, 2), ('default', 'jti', 'j', 1, NULL)"
        try sql(folder, "INSERT INTO revocations VALUES \(rows)")
        let store = try SQLiteStore.open(folder)
        #expect(store.revocations.map(\.subject) == [.tokenID("j")])
        store.close()
    }

    @Test("one that is not understood stops the start", arguments: ["king", "token"])
    func unknown(_ kind: String) async throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        try sql(folder, "INSERT INTO revocations VALUES ('default', '\(kind)', 'x', 1, NULL)")
        #expect(throws: StoreOpenError.self) { try SQLiteStore.open(folder) }
    }

    @Test("a database from before them gets the table and keeps its events")
    func migration() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        await store.write(events(room, 1...3), andWait: recorder)
        store.close()
        try sql(
            folder,
            """
            DROP TABLE revocations; DROP TABLE streams; DROP TABLE stream_pieces; DROP TABLE jobs;
            DELETE FROM grdb_migrations WHERE identifier <> '1 rooms';
            PRAGMA user_version = 1;
            """
        )
        let again = try SQLiteStore.open(folder)
        #expect(try await again.load(room).head == 3)
        #expect(again.revocations.isEmpty)
        again.close()
    }
}
