import Foundation
import GRDB
import HubCore
import Testing

@testable import HubPersistence

@Suite("Copying a database", .timeLimit(.minutes(1)))
struct DatabaseCopyTests {
    /// What is in a folder, but for what reading a database may leave beside it.
    private func files(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    }

    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was refused"
        } catch {
            return (error as? StoreOpenError)?.sentence ?? "\(error)"
        }
    }

    @Test("a copy of a running store has everything that was durable and is a database of its own")
    func running() async throws {
        let (folder, shelf) = (TemporaryFolder(), TemporaryFolder())
        try shelf.make()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        let (one, two) = (try room("ticket:1"), try room("ticket:2", tenant: "t2"))
        await store.write(events(one, 1...100) + [.event(event(two, 1, key: "k"))], andWait: recorder)
        let copy = try DatabaseCopy.make(of: folder.database, at: shelf.database)
        await store.write(events(one, 101...200), andWait: recorder)
        store.close()
        #expect(copy.heads.map { "\($0.tenant) \($0.room) \($0.head)" } == ["default ticket:1 100", "t2 ticket:2 1"])
        #expect(copy.events == 101)
        #expect(try copy.bytes == FileSize.of(shelf.database))
        #expect(try files(shelf) == ["apus.sqlite"])
        #expect(try FileManager.default.attributesOfItem(atPath: shelf.database)[.posixPermissions] as? Int == 0o600)
        let restored = try SQLiteStore.open(shelf)
        #expect(try await restored.load(one).head == 100)
        #expect(try await restored.offsets(of: [SendKey(user: "anna", key: "k")], in: two).count == 1)
        restored.close()
        #expect(try DatabaseCheck.run(path: shelf.database).isEmpty)
    }

    @Test("a copy replaces nothing and needs a database and a folder")
    func refusals() async throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        let there = try files(folder)
        #expect(sentence { _ = try DatabaseCopy.make(of: folder.database, at: folder.database) }.contains("exists"))
        for (path, said) in [("/nowhere/copy", "cannot be made"), (folder.path + "/", "names no file")] {
            #expect(sentence { _ = try DatabaseCopy.make(of: folder.database, at: path) }.contains(said))
        }
        let nothing = sentence { _ = try DatabaseCopy.make(of: folder.path + "/none", at: folder.path + "/copy") }
        #expect(nothing.contains("there is no database"))
        #expect(try files(folder) == there)
    }

    @Test("a file that appears meanwhile stays")
    func race() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let target = try CopyTarget(folder.database)
        try Data("other".utf8).write(to: URL(fileURLWithPath: folder.database))
        #expect(sentence { try target.publish() }.contains("exists"))
        target.discard()
        #expect(try files(folder) == ["apus.sqlite"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == Data("other".utf8))
    }

    @Test("a damaged database gives no copy, and nothing is left of the attempt")
    func damaged() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        store.write(events(try room("ticket:1"), 1...5))
        store.close()
        try sql(folder, "DELETE FROM events WHERE offset = 3")
        let there = try files(folder)
        let said = sentence { _ = try DatabaseCopy.make(of: folder.database, at: folder.path + "/copy") }
        #expect(said.contains("offset 3 is missing"))
        #expect(try files(folder) == there)
        try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: folder.path + "/other"))
        let other = sentence { _ = try DatabaseCopy.make(of: folder.path + "/other", at: folder.path + "/copy") }
        #expect(other.contains("not an SQLite database"))
    }

    @Test("a log that is too large already is not held up further")
    func largeLog() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        await store.write(events(try room("ticket:1"), 1...100), andWait: recorder)
        let copy = sentence { _ = try DatabaseCopy.make(of: folder.database, at: folder.path + "/copy", logLimit: 1) }
        #expect(copy.contains("--wal-limit"))
        #expect(sentence { _ = try DatabaseCheck.run(path: folder.database, logLimit: 1) }.contains("--wal-limit"))
        store.close()
    }

    @Test("a log that grows too large ends the read that holds it up")
    func growingLog() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let queue = try DatabaseQueue(path: folder.database)
        let log = folder.database + "-wal"
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        let said = sentence {
            try LogGuard.watch(queue, folder.database, limit: 1000) {
                try queue.read { db in
                    db.add(
                        function: DatabaseFunction("grow", argumentCount: 0) { _ in
                            try Data(count: 2000).write(to: URL(fileURLWithPath: log))
                            return 0
                        }
                    )
                    _ = try Int.fetchOne(db, sql: "SELECT grow()")
                    _ = try Int.fetchOne(db, sql: endless)
                }
            }
        }
        #expect(said.contains("--wal-limit"))
    }

    @Test("an interruption by somebody else is passed on")
    func interrupted() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let queue = try DatabaseQueue(path: folder.database)
        #expect(throws: DatabaseError.self) {
            try LogGuard.watch(queue, folder.database, limit: 1000) {
                throw DatabaseError(resultCode: .SQLITE_INTERRUPT)
            }
        }
    }
}
