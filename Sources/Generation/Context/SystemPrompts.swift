import Foundation

/// The system prompts of a folder, read once at the start: a file's name is how routes name it.
public struct SystemPrompts: Sendable {
    /// Largest file. 64 KiB.
    static let bytes = 64 << 10
    private let texts: [String: String]

    /// No prompts.
    public static let none = SystemPrompts(texts: [:])

    private init(texts: [String: String]) {
        self.texts = texts
    }

    /// Reads every plain file of a folder.
    ///
    /// Errors: a folder that is not there, a file that is too large or no UTF-8.
    public init(folder: String) throws(ProvidersFileError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw ProvidersFileError(folder, "cannot be read")
        }
        var texts: [String: String] = [:]
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= SystemPrompts.bytes,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw ProvidersFileError(path, "must be UTF-8 of at most \(SystemPrompts.bytes) bytes") }
            texts[name] = text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        self.init(texts: texts)
    }

    /// The prompt of that name; nil where there is no such file.
    subscript(name: String) -> String? { texts[name] }
}
