import Foundation
import HubCore
import Testing

@testable import HubPersistence

@Suite("The beginning of a write-ahead log", .timeLimit(.minutes(1)))
struct LogBeginningTests {
    /// The files of a store that died after three commits; nothing of them is in the database.
    private func died() async throws -> TemporaryFolder {
        let (folder, dead) = (TemporaryFolder(), TemporaryFolder())
        try dead.make()
        let store = try SQLiteStore.open(folder)
        let recorder = Recorder()
        store.observe(recorder)
        for offset: Int64 in 1...3 {
            await store.write([.event(event(try room("ticket:1"), offset))], andWait: recorder)
        }
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: folder.database + suffix, toPath: dead.database + suffix)
        }
        store.close()
        return dead
    }

    private func change(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    private func refusal(_ folder: TemporaryFolder) -> String? {
        do {
            try LogBeginning.check(folder.database)
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test("a sound one, none, an empty one and no database are nothing to refuse")
    func sound() async throws {
        let folder = try await died()
        #expect(refusal(folder) == nil)
        try Data().write(to: URL(fileURLWithPath: folder.database + "-wal"))
        #expect(refusal(folder) == nil)
        try Data(count: 9000).write(to: URL(fileURLWithPath: folder.database + "-wal"))
        #expect(refusal(folder) == nil)
        try FileManager.default.removeItem(atPath: folder.database + "-wal")
        #expect(refusal(folder) == nil)
        try FileManager.default.removeItem(atPath: folder.database)
        try Data(count: 9000).write(to: URL(fileURLWithPath: folder.database + "-wal"))
        #expect(refusal(folder) == nil)
    }

    @Test("every damaged byte of the header is seen", arguments: [0, 3, 4, 11, 12, 16, 23, 24, 31] as [UInt64])
    func header(_ offset: UInt64) async throws {
        let folder = try await died()
        let log = folder.database + "-wal"
        let byte = try Data(contentsOf: URL(fileURLWithPath: log))[Int(offset)]
        try change(log, at: offset, [byte ^ 0x55])
        let said = try #require(refusal(folder))
        #expect(said.contains("commits that the database does not have"))
        #expect(throws: StoreOpenError.self) { try SQLiteStore.open(folder) }
        #expect(throws: StoreOpenError.self) { try DatabaseCheck.run(path: folder.database) }
        try change(log, at: offset, [byte])
        let store = try SQLiteStore.open(folder)
        #expect(try await store.load(room("ticket:1")).head == 3)
        store.close()
    }

    @Test("the first frame may be damaged, too; commits behind a torn frame do not count")
    func frames() async throws {
        let folder = try await died()
        let log = folder.database + "-wal"
        try change(log, at: 0, [UInt8](repeating: 0x55, count: 600))
        #expect(refusal(folder) != nil)
        // One whole frame vouches for nothing.
        let whole = try Data(contentsOf: URL(fileURLWithPath: log))
        try whole.prefix(32 + 2 * (24 + 4096) + 100).write(to: URL(fileURLWithPath: log))
        #expect(refusal(folder) == nil)
    }

    @Test("what the database has already is not missed")
    func copied() async throws {
        let folder = try await died()
        let log = folder.database + "-wal"
        let before = try Data(contentsOf: URL(fileURLWithPath: log))
        try sql(folder, "PRAGMA user_version")
        // The other program was the last to close: it has copied everything and removed the log.
        #expect(!FileManager.default.fileExists(atPath: log))
        try before.write(to: URL(fileURLWithPath: log))
        try change(log, at: 0, [0x55])
        #expect(refusal(folder) == nil)
        let store = try SQLiteStore.open(folder)
        #expect(try await store.load(room("ticket:1")).head == 3)
        store.close()
    }
}
