import Foundation
import Glibc

/// A file with a secret that only its owner may read. The bytes count as they are: nothing is trimmed.
public enum SecretFile {
    /// The least length of a secret for HS256 (RFC 7518 §3.2).
    static let leastBytes = 32

    /// Reads a secret.
    ///
    /// Errors: a file that is missing, that others may read, or that is too short.
    public static func read(_ path: String) throws(TokenKeyFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TokenKeyFileError(path, "cannot be read: \(reason(errno))") }
        defer { close(descriptor) }
        guard let permissions = permissions(path) else { throw TokenKeyFileError(path, "is not a plain file") }
        guard permissions & 0o077 == 0 else {
            throw TokenKeyFileError(path, "can be read by others; allow only its owner: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= leastBytes, count < bytes.count else {
            throw TokenKeyFileError(path, "must hold between \(leastBytes) and \(bytes.count - 1) bytes")
        }
        return Array(bytes.prefix(count))
    }

    /// Reads the secret, or makes one of 32 random bytes where there is no file yet. Two processes that start at
    /// once end up with the same one: the file appears whole or not at all.
    public static func readOrCreate(_ path: String) throws(TokenKeyFileError) -> [UInt8] {
        if access(path, F_OK) != 0 { try create(path) }
        syncFolder(of: path)
        return try read(path)
    }

    private static func create(_ path: String) throws(TokenKeyFileError) {
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<leastBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let draft = "\(path).\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TokenKeyFileError(path, "cannot be made: \(reason(errno))") }
        defer { unlink(draft) }
        let written = write(descriptor, secret, secret.count)
        let synced = fsync(descriptor)
        close(descriptor)
        guard written == secret.count, synced == 0 else {
            throw TokenKeyFileError(path, "cannot be written: \(reason(errno))")
        }
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw TokenKeyFileError(path, "cannot be made: \(reason(errno))")
        }
    }

    /// Without this a power cut may take the file's name, and with it every token that was minted meanwhile.
    private static func syncFolder(of path: String) {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// The mode bits of a plain file; nil for what is none.
    private static func permissions(_ path: String) -> Int? {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return attributes[.posixPermissions] as? Int
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
