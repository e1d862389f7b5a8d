import Glibc
import Synchronization

/// The data folder, held for this process: made where it is missing, and locked with flock(2) on `apus.lock`,
/// which holds the process id of the holder. The kernel lets go of the lock when the process ends, however it
/// ends, so a lock file left behind means nothing.
final class DataFolder: Sendable {
    let path: String
    let lockPath: String
    let databasePath: String
    private let lock: Atomic<CInt>

    /// Makes and locks the folder.
    init(holding path: String) throws(StoreOpenError) {
        self.path = path
        lockPath = path + "/apus.lock"
        databasePath = path + "/apus.sqlite"
        try DataFolder.make(path)
        lock = Atomic(try DataFolder.lock(lockPath, folder: path))
    }

    deinit {
        release()
    }

    /// Lets go of the folder; a second call does nothing.
    func release() {
        let descriptor = lock.exchange(-1, ordering: .relaxed)
        guard descriptor >= 0 else { return }
        // A child process between fork and exec shares the lock: closing alone would leave it with that child.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func make(_ path: String) throws(StoreOpenError) {
        var parents = path.split(separator: "/", omittingEmptySubsequences: true)[...]
        var folder = path.hasPrefix("/") ? "" : "."
        while let part = parents.popFirst() {
            let parent = folder.isEmpty ? "/" : folder
            folder += "/" + part
            guard mkdir(folder, 0o700) != 0 else {
                sync(parent)
                continue
            }
            let code = errno
            guard code != EEXIST else { continue }
            // A parent on a read-only file system answers EROFS where it exists: only a missing one matters.
            var status = stat()
            if stat(folder, &status) == 0 { continue }
            throw refused(code, "the data folder \(path) cannot be made")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreOpenError(.folder, "\(path) is not a folder; name another one with --data")
        }
    }

    /// Makes the entries of a folder survive a power cut: SQLite sees to its files, nobody else to their folder.
    private static func sync(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func lock(_ path: String, folder: String) throws(StoreOpenError) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refused(errno, "\(path) cannot be opened for writing") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(descriptor) }
            guard code == EWOULDBLOCK else { throw refused(code, "\(path) cannot be locked") }
            let holder = holder(descriptor)
            let who = holder.map { "process \($0)" } ?? "another process"
            throw StoreOpenError(
                .held(pid: holder),
                "the data folder \(folder) is in use by \(who); stop it, or name another folder with --data"
            )
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let code = errno
            close(descriptor)
            throw refused(code, "\(path) cannot be written")
        }
        return descriptor
    }

    private static func holder(_ descriptor: CInt) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }

    /// What an answer of the system means, for the operator.
    static func refused(_ code: CInt, _ what: String) -> StoreOpenError {
        let said = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            return StoreOpenError(.diskFull, "\(what): the disk is full; free some space and start again")
        case EACCES, EPERM, EROFS:
            return StoreOpenError(.readOnly, "\(what): \(said); give this user the right to write there")
        default:
            return StoreOpenError(.folder, "\(what): \(said)")
        }
    }
}
