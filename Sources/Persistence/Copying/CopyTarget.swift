import Glibc

/// The file that a copy is written to: hidden beside its place under a name of its own, whole or not there.
///
/// `publish` gives it its name, never over a file that exists; whatever was not published goes with `discard`.
struct CopyTarget {
    let path: String
    /// Where the copy is until it is published.
    let hidden: String
    private let folder: String

    /// Where a copy of this process is until it is published.
    init(hiddenFor path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "./"
        self.path = path
        hidden = "\(folder).\(parts.last ?? "").\(getpid()).part"
    }

    /// Makes the hidden file, empty and for this user alone.
    init(_ path: String) throws(StoreOpenError) {
        self.init(hiddenFor: path)
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard !name.isEmpty, name != ".", name != ".." else {
            throw StoreOpenError(.folder, "\(path) names no file to write the copy to")
        }
        guard !CopyTarget.exists(path) else { throw CopyTarget.taken(path) }
        let descriptor = open(hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataFolder.refused(errno, "the copy \(path) cannot be made") }
        close(descriptor)
    }

    /// Makes the content survive a power cut, then gives it its name, and makes that survive, too.
    func publish() throws(StoreOpenError) {
        try CopyTarget.sync(hidden, O_RDONLY, path)
        if link(hidden, path) == 0 {
            unlink(hidden)
        } else {
            let code = errno
            guard code != EEXIST else { throw CopyTarget.taken(path) }
            // A file system without links: nobody may make the file in this moment.
            guard code == EPERM || code == EOPNOTSUPP, !CopyTarget.exists(path), rename(hidden, path) == 0 else {
                throw DataFolder.refused(code, "the copy \(path) cannot be made")
            }
        }
        try CopyTarget.sync(folder, O_RDONLY | O_DIRECTORY, path)
    }

    /// Takes away what has not been published.
    func discard() {
        unlink(hidden)
        unlink(hidden + "-journal")
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func taken(_ path: String) -> StoreOpenError {
        StoreOpenError(.taken, "\(path) exists; a copy replaces nothing, so name another file or take it away")
    }

    private static func sync(_ path: String, _ flags: CInt, _ target: String) throws(StoreOpenError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw DataFolder.refused(errno, "the copy \(target) cannot be synced") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DataFolder.refused(errno, "the copy \(target) cannot be synced") }
    }
}
