import Foundation
import Glibc
import Testing

@testable import HubPersistence

@Suite("The data folder")
struct DataFolderTests {
    @Test("is made with its parents, for its owner alone")
    func made() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/a/b"
        let held = try DataFolder(holding: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        let lock = try FileManager.default.attributesOfItem(atPath: held.lockPath)[.posixPermissions] as? Int
        #expect(lock == 0o600)
    }

    @Test("may be named relative to the working folder")
    func relative() throws {
        let name = "apus-store-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: name) }
        _ = try DataFolder(holding: name)
        #expect(FileManager.default.fileExists(atPath: name + "/apus.lock"))
    }

    @Test("holds the process id of who has it")
    func pid() throws {
        let folder = TemporaryFolder()
        let held = try DataFolder(holding: folder.path)
        #expect(try String(contentsOfFile: held.lockPath, encoding: .utf8) == "\(getpid())\n")
    }

    @Test("is refused while another process has it, which the sentence names, and free after its end")
    func heldByAnother() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let other = try OtherProcess(
            """
            import fcntl, os, sys
            lock = open(sys.argv[1] + '/apus.lock', 'w')
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(f'{os.getpid()}\\n'); lock.flush()
            """,
            folder.path
        )
        let error = #expect(throws: StoreOpenError.self) { try DataFolder(holding: folder.path) }
        #expect(error?.reason == .held(pid: other.identifier))
        #expect(error?.sentence.contains("process \(other.identifier)") == true)
        other.end()
        _ = try DataFolder(holding: folder.path)
    }

    @Test("is refused to a second store of the same process, and free once the first is closed")
    func heldByOneself() throws {
        let folder = TemporaryFolder()
        let first = try SQLiteStore.open(folder)
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStore.open(folder) }
        #expect(error?.reason == .held(pid: getpid()))
        first.close()
        try SQLiteStore.open(folder).close()
    }

    @Test("a holder that wrote no process id is another process")
    func unknownHolder() throws {
        let folder = TemporaryFolder()
        try folder.make()
        let other = try OtherProcess(
            "import fcntl, sys\nlock = open(sys.argv[1] + '/apus.lock', 'w')\nfcntl.flock(lock, fcntl.LOCK_EX)",
            folder.path
        )
        defer { other.end() }
        let error = #expect(throws: StoreOpenError.self) { try DataFolder(holding: folder.path) }
        #expect(error?.reason == .held(pid: nil))
        #expect(error?.sentence.contains("another process") == true)
    }

    @Test("a lock file left behind by a dead process means nothing")
    func leftBehind() throws {
        let folder = TemporaryFolder()
        try folder.make()
        try "1\n".write(toFile: folder.path + "/apus.lock", atomically: false, encoding: .utf8)
        _ = try DataFolder(holding: folder.path)
    }

    @Test("a file in its place is refused")
    func file() throws {
        let folder = TemporaryFolder()
        try "text".write(toFile: folder.path, atomically: false, encoding: .utf8)
        let error = #expect(throws: StoreOpenError.self) { try DataFolder(holding: folder.path) }
        #expect(error?.reason == .folder)
        let below = #expect(throws: StoreOpenError.self) { try DataFolder(holding: folder.path + "/below") }
        #expect(below?.reason == .folder)
        let empty = #expect(throws: StoreOpenError.self) { try DataFolder(holding: "") }
        #expect(empty?.reason == .folder)
    }

    @Test("a folder that may not be written is refused")
    func readOnly() throws {
        let folder = TemporaryFolder()
        try folder.make()
        chmod(folder.path, 0o555)
        let error = asNobody { () -> StoreOpenError? in
            do throws(StoreOpenError) {
                _ = try DataFolder(holding: folder.path)
                return nil
            } catch {
                return error
            }
        }
        #expect(error?.reason == .readOnly)
        let below = asNobody { () -> StoreOpenError? in
            do throws(StoreOpenError) {
                _ = try DataFolder(holding: folder.path + "/below")
                return nil
            } catch {
                return error
            }
        }
        #expect(below?.reason == .readOnly)
    }

    @Test("a full disk is named as such")
    func full() {
        let error = DataFolder.refused(ENOSPC, "the lock cannot be written")
        #expect(error.reason == .diskFull)
        #expect(error.description.contains("free some space"))
    }
}

/// Runs the body without root's right to write everything. Linux keeps the file system user per thread, so only
/// this thread changes.
func asNobody<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard geteuid() == 0 else { return try body() }
    // Not in Swift's Glibc module.
    typealias SetFileSystemUser = @convention(c) (uid_t) -> CInt
    guard let symbol = dlsym(nil, "setfsuid") else { return try body() }
    let setFileSystemUser = unsafeBitCast(symbol, to: SetFileSystemUser.self)
    _ = setFileSystemUser(65534)
    defer { _ = setFileSystemUser(0) }
    return try body()
}
