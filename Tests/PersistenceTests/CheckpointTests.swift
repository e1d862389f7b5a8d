import GRDB
import HubCore
import Testing

@testable import HubPersistence

@Suite("Checkpoints", .timeLimit(.minutes(1)))
struct CheckpointTests {
    /// A database with a writer of 4 KiB rows and, apart from it, a reader.
    private final class Bench {
        let folder = TemporaryFolder()
        let pool: DatabasePool
        var checkpoints: Checkpoints
        var now: Int64 = 0

        init(checkpointPages: Int, walPages: Int) throws {
            try folder.make()
            pool = try DatabasePool(path: folder.database)
            try pool.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE rows (data BLOB)") }
            var configuration = StoreConfiguration(folder: folder.path)
            configuration.checkpointPages = checkpointPages
            configuration.walPages = walPages
            configuration.busyTimeout = .milliseconds(10)
            let log = pool.writeWithoutTransaction { WriteAheadLog($0) }
            checkpoints = Checkpoints(log, configuration)
        }

        func write(_ rows: Int) throws {
            try pool.writeWithoutTransaction { db in
                for _ in 0..<rows { try db.execute(sql: "INSERT INTO rows VALUES (zeroblob(4000))") }
            }
            checkpoints.committed()
        }

        func run(atRest: Bool = false) -> (any Error)? {
            pool.writeWithoutTransaction { checkpoints.run($0, atRest: atRest, now: now) }
        }

        /// Pages of the database's file, which only a checkpoint makes grow.
        var databasePages: Int64 {
            get throws { try FileSize.of(folder.database) / 4096 }
        }
    }

    @Test("SQLite's own checkpoints are off, and few pages wait")
    func few() throws {
        let bench = try Bench(checkpointPages: 50, walPages: 200)
        try bench.write(10)
        let before = try bench.databasePages
        #expect(bench.run() == nil)
        #expect(try bench.databasePages == before)
        try bench.write(3000)
        #expect(try bench.databasePages == before)
    }

    @Test("from the configured number of pages on they are copied, and the log starts again at its beginning")
    func many() throws {
        let bench = try Bench(checkpointPages: 50, walPages: 2000)
        for _ in 0..<20 {
            try bench.write(30)
            #expect(bench.run() == nil)
        }
        #expect(try bench.databasePages > 500)
        #expect(bench.checkpoints.pages < 200)
    }

    @Test("at rest fewer pages are enough")
    func rest() throws {
        let bench = try Bench(checkpointPages: 5000, walPages: 20_000)
        #expect(!bench.checkpoints.wantsRest)
        try bench.write(300)
        #expect(bench.checkpoints.wantsRest)
        let before = try bench.databasePages
        #expect(bench.run() == nil)
        #expect(try bench.databasePages == before)
        #expect(bench.run(atRest: true) == nil)
        #expect(try bench.databasePages >= before + 300)
        #expect(!bench.checkpoints.wantsRest)
    }

    @Test("a reader holds pages back, is not waited for, and after it the log is emptied")
    func reader() throws {
        let bench = try Bench(checkpointPages: 50, walPages: 100)
        let reader = try outsider(bench.folder)
        try reader.run("BEGIN; SELECT count(*) FROM rows")
        try bench.write(300)
        #expect(bench.run() == nil)
        #expect(bench.checkpoints.pages >= 300)
        // Waited for again only after a second.
        try bench.write(10)
        let held = bench.checkpoints.pages
        #expect(bench.run() == nil)
        try reader.run("ROLLBACK")
        #expect(bench.run() == nil)
        try bench.write(1)
        #expect(bench.checkpoints.pages > held)
        bench.now += 1_000_000_000
        #expect(bench.run() == nil)
        try bench.write(1)
        #expect(bench.checkpoints.pages < 10)
        // The file is as long as it ever was, until there is time to cut it.
        #expect(try FileSize.of(bench.folder.database + "-wal") > 300 * 4096)
        bench.now += 1_000_000_000
        #expect(bench.checkpoints.wantsRest)
        #expect(bench.run(atRest: true) == nil)
        #expect(try FileSize.of(bench.folder.database + "-wal") == 0)
        #expect(!bench.checkpoints.wantsRest)
    }

    @Test("an error is counted and not tried again for a second")
    func failure() throws {
        let bench = try Bench(checkpointPages: 50, walPages: 100)
        try bench.write(60)
        try bench.pool.writeWithoutTransaction { db in
            try db.beginTransaction(.immediate)
            let error = bench.checkpoints.run(db, atRest: false, now: bench.now)
            #expect((error as? DatabaseError)?.resultCode == .SQLITE_LOCKED)
            #expect(bench.checkpoints.failures == 1)
            #expect(bench.checkpoints.run(db, atRest: false, now: bench.now) == nil)
            try db.rollback()
        }
        bench.now += 1_000_000_000
        #expect(bench.run() == nil)
        #expect(bench.checkpoints.failures == 1)
    }

    @Test("the log of a store stays bounded while readers read all the time")
    func bounded() async throws {
        let folder = TemporaryFolder()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.checkpointPages = 50
        configuration.walPages = 400
        configuration.commitWrites = 20
        let clock = ManualClock()
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        let data = "\"" + String(repeating: "x", count: 3000) + "\""
        for chunk in 0..<100 as Range<Int64> {
            store.write((1...20).map { .event(event(room, chunk * 20 + $0, data: data)) })
            async let one = store.load(room, events: 20)
            async let two = store.load(room, events: 20)
            _ = try await (one, two)
            await recorder.wait(room, durable: chunk * 20 + 20)
            clock.advance(.seconds(1))
        }
        let metrics = store.metrics()
        #expect(metrics.databaseBytes > 3_000_000)
        #expect(metrics.walBytes < 3_000_000)
        #expect(metrics.checkpointFailures == 0)
        store.close()
    }

    @Test("a store at rest copies what is in the log")
    func storeAtRest() async throws {
        let folder = TemporaryFolder()
        let clock = ManualClock()
        var configuration = StoreConfiguration(folder: folder.path)
        configuration.commitWrites = 1000
        let store = try SQLiteStore(configuration, clock: clock)
        let recorder = Recorder()
        store.observe(recorder)
        let room = try room("ticket:1")
        let data = "\"" + String(repeating: "x", count: 3000) + "\""
        await store.write((1...1000).map { .event(event(room, $0, data: data)) }, andWait: recorder)
        #expect(store.metrics().databaseBytes < 1_000_000)
        clock.advance(.milliseconds(100))
        while store.metrics().databaseBytes < 3_000_000 {
            clock.advance(.milliseconds(100))
            await Task.yield()
        }
        store.close()
    }
}
