import Glibc

/// A PEM file as bytes. Read whole and closed at once, so that a file that is being replaced cannot change halfway.
enum TLSFile {
    /// Chains are a few KiB; more than this is another kind of file.
    private static let mostBytes = 1 << 20

    static func read(_ path: String, _ file: TLSError.File) throws(TLSError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TLSError(file, "\(path) cannot be read: \(SystemError.current)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TLSError(file, "\(path) is not a plain file")
        }
        guard status.st_size <= mostBytes else { throw TLSError(file, "\(path) is too large for a PEM file") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= mostBytes {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw TLSError(file, "\(path) cannot be read: \(SystemError.current)") }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
        }
        throw TLSError(file, "\(path) is too large for a PEM file")
    }

    /// Whether people beside its owner and its group may read the file, or the group may change it.
    static func isTooOpen(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o027 != 0
    }
}
