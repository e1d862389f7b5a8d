import Foundation

/// A folder that lasts as long as a test needs it.
struct TemporaryFolder {
    let root: String

    func path(_ name: String) -> String {
        "\(root)/\(name)"
    }

    func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let path = path(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: mode])
        else { throw CocoaError(.fileWriteUnknown) }
        return path
    }

    static func with<Result>(_ body: (TemporaryFolder) throws -> Result) throws -> Result {
        let folder = try make()
        defer { try? FileManager.default.removeItem(atPath: folder.root) }
        return try body(folder)
    }

    static func with<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
        let folder = try make()
        defer { try? FileManager.default.removeItem(atPath: folder.root) }
        return try await body(folder)
    }

    private static func make() throws -> TemporaryFolder {
        let root = NSTemporaryDirectory() + "apus-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        return TemporaryFolder(root: root)
    }
}
