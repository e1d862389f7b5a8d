import Foundation
import GRDB
import Glibc
import Testing

@testable import HubPersistence

@Suite("Opening the database")
struct OpeningTests {
    private func refusal(_ folder: TemporaryFolder) throws -> StoreOpenError? {
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.busyTimeout = .milliseconds(20)
        return #expect(throws: StoreOpenError.self) { try SQLiteStore.open(configuration) }
    }

    @Test("makes a WAL database that says whose it is, in STRICT tables")
    func fresh() throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore.open(folder)
        try store.pool.read { db in
            #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID)
            #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == Int(Schema.version))
            let loose = try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'"
            )
            #expect(loose == 0)
        }
        store.close()
    }

    @Test(
        "sets FULL behind GRDB's NORMAL and reads it back; NORMAL where configured",
        arguments: [
            StoreConfiguration.Synchronous.full, .normal,
        ]
    )
    func synchronous(_ mode: StoreConfiguration.Synchronous) throws {
        let folder = TemporaryFolder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.synchronous = mode
        let store = try SQLiteStore.open(configuration)
        #expect(store.metrics().synchronous == mode.rawValue)
        let (synchronous, checkpoints) = try store.pool.writeWithoutTransaction { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint")
            )
        }
        #expect(synchronous == mode.rawValue)
        #expect(checkpoints == 0)
        store.close()
    }

    @Test("leaves only the database and the lock file behind a clean close")
    func cleanClose() throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["apus.lock", "apus.sqlite"])
    }

    @Test("a newer schema is refused by its migrations, and nothing is written")
    func newerMigration() throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        try sql(folder, "INSERT INTO grdb_migrations VALUES ('999 of the future')")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
        let error = try refusal(folder)
        #expect(error?.reason == .newerSchema)
        #expect(error?.sentence.contains("newer version") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
    }

    @Test("a newer schema is refused by its version")
    func newerVersion() throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        try sql(folder, "PRAGMA user_version = 12")
        let error = try refusal(folder)
        #expect(error?.reason == .newerSchema)
        #expect(error?.sentence.contains("schema 12") == true)
    }

    @Test("what is no database is refused and left alone")
    func notADatabase() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let text = String(repeating: "not a database at all. ", count: 100)
        try text.write(toFile: folder.database, atomically: false, encoding: .utf8)
        #expect(try refusal(folder)?.reason == .notADatabase)
        #expect(try String(contentsOfFile: folder.database, encoding: .utf8) == text)
    }

    /// A process that dies in the middle of its first transaction, part of which is in the file already.
    private func diedWhileMaking(_ folder: TemporaryFolder, before: String = "") throws {
        try folder.make()
        let script = """
            import os, sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            db.executescript(sys.argv[2])
            db.executescript('PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (made)')
            for _ in range(100): db.execute('INSERT INTO half VALUES (zeroblob(4000))')
            os._exit(0)
            """
        try OtherProcess(script, folder.database, before).end()
        #expect(FileManager.default.fileExists(atPath: folder.database + "-journal"))
    }

    @Test("a database whose making was cut short is made anew")
    func halfMade() throws {
        let folder = TemporaryFolder()
        try diedWhileMaking(folder)
        let said = #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: folder.database) }
        #expect(said?.sentence.contains("start the hub") == true)
        try SQLiteStore.open(folder).close()
        #expect(try DatabaseCheck.run(path: folder.database).isEmpty)
        #expect(try number(folder, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == 0)
    }

    @Test("another program's database is refused, also where that died in the middle of a write")
    func halfMadeByAnother() throws {
        let folder = TemporaryFolder()
        try diedWhileMaking(folder, before: "CREATE TABLE theirs (x)")
        #expect(try refusal(folder)?.reason == .notADatabase)
        #expect(try number(folder, "SELECT count(*) FROM sqlite_master") == 1)
    }

    @Test("another program's database is refused")
    func foreign() throws {
        let folder = TemporaryFolder()
        try folder.make()
        try sql(folder, "CREATE TABLE songs (title TEXT)")
        let error = try refusal(folder)
        #expect(error?.reason == .notADatabase)
        #expect(error?.sentence.contains("another program") == true)
    }

    @Test("an empty file becomes a database")
    func empty() throws {
        let folder = TemporaryFolder()
        try folder.make()
        #expect(FileManager.default.createFile(atPath: folder.database, contents: nil))
        try SQLiteStore.open(folder).close()
    }

    @Test("a database whose pages are overwritten is refused as damaged")
    func damaged() throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        try handle.seek(toOffset: 100)
        try handle.write(contentsOf: Data(repeating: 0xff, count: 60_000))
        try handle.close()
        #expect(try refusal(folder)?.reason == .damaged)
    }

    @Test("a start missing in the table of starts is damage")
    func missingStart() throws {
        let folder = TemporaryFolder()
        for _ in 0..<3 { try SQLiteStore.open(folder).close() }
        try sql(folder, "DELETE FROM starts WHERE number = 1")
        let error = try refusal(folder)
        #expect(error?.reason == .damaged)
        #expect(error?.sentence.contains("start number 1") == true)
    }

    @Test(
        "a database that another process has locked is refused, and opens once it has let go",
        arguments: [
            "db.execute('BEGIN IMMEDIATE')",
            "db.execute('PRAGMA locking_mode = EXCLUSIVE'); db.execute('BEGIN EXCLUSIVE')",
        ]
    )
    func locked(_ lock: String) throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        let other = try OtherProcess(
            "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n\(lock)",
            folder.database
        )
        let error = try refusal(folder)
        #expect(error?.reason == .locked)
        #expect(error?.sentence.contains("another program") == true)
        other.end()
        try SQLiteStore.open(folder).close()
    }

    @Test("a file that may not be written is refused")
    func readOnly() throws {
        let folder = TemporaryFolder()
        try SQLiteStore.open(folder).close()
        chmod(folder.path, 0o777)
        chmod(folder.path + "/apus.lock", 0o666)
        chmod(folder.database, 0o444)
        let error = asNobody { () -> StoreOpenError? in
            do throws(StoreOpenError) {
                _ = try SQLiteStore.open(StoreConfiguration(folder: folder.path))
                return nil
            } catch {
                return error
            }
        }
        #expect(error?.reason == .readOnly)
        #expect(error?.sentence.contains(folder.database) == true)
    }

    @Test("a folder in the file's place is refused")
    func folderInPlace() throws {
        let folder = TemporaryFolder()
        try folder.make()
        try FileManager.default.createDirectory(atPath: folder.database, withIntermediateDirectories: false)
        #expect(try refusal(folder)?.reason == .failed)
    }

    @Test(
        "every answer of SQLite has its sentence",
        arguments: [
            (ResultCode.SQLITE_FULL, StoreOpenError.Reason.diskFull), (.SQLITE_BUSY, .locked),
            (.SQLITE_READONLY, .readOnly),
            (.SQLITE_NOTADB, .notADatabase), (.SQLITE_CORRUPT, .damaged), (.SQLITE_IOERR, .failed),
            (.SQLITE_CONSTRAINT, .failed),
        ]
    )
    func sentences(_ code: ResultCode, _ reason: StoreOpenError.Reason) {
        let error = DatabaseOpening.sentence(for: DatabaseError(resultCode: code), "/data/apus.sqlite")
        #expect(error.reason == reason)
        #expect(error.sentence.contains("/data/apus.sqlite"))
    }
}
