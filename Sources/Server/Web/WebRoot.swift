import Foundation

/// The folders of pages and scripts (`clients/demo`, `clients/js`), in memory. Immutable after the start.
public struct WebRoot: Sendable {
    /// Larger files are not served.
    static let mostBytes = 4 << 20

    private let files: [String: WebFile]

    /// No files at all.
    public static let empty = WebRoot(files: [:])

    init(files: [String: WebFile]) {
        self.files = files
    }

    /// Reads `demo/` and `js/` of a folder; only plain files directly in them.
    public init(reading root: String) {
        var files: [String: WebFile] = [:]
        for folder in ["demo", "js"] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? [] {
                guard !name.hasPrefix("."), let body = WebRoot.content("\(root)/\(folder)/\(name)") else { continue }
                files["\(folder)/\(name)"] = WebFile(name: name, body: body)
            }
        }
        self.init(files: files)
    }

    /// Where the pages are: the setting, or a folder `clients` in the working directory, beside the executable, in a
    /// folder above it (a build folder lies inside the project) or in `share/apus` there (an installed one). Nil
    /// where there is none.
    public static func find(setting: String, executable: String, workingDirectory: String) -> String? {
        if !setting.isEmpty { return setting }
        var candidates = [workingDirectory]
        var folder = URL(filePath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<5 {
            candidates += [folder.path, folder.appending(path: "share/apus").path]
            folder.deleteLastPathComponent()
        }
        return candidates.map { $0 + "/clients" }.first {
            FileManager.default.fileExists(atPath: $0 + "/demo/index.html")
        }
    }

    /// How many files are served.
    public var count: Int { files.count }

    subscript(name: String) -> WebFile? {
        files[name]
    }

    private static func content(_ path: String) -> [UInt8]? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = attributes[.size] as? Int, size <= mostBytes,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return [UInt8](data)
    }
}
