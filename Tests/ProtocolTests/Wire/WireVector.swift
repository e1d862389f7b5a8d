import Foundation
import Testing

/// A line of the wire and what it means: from Tests/Vectors/wire, which Swift, JS and Python read alike.
struct WireVector: Sendable, CustomTestStringConvertible {
    let name: String
    let line: String
    /// The value that every JSON reader makes of the line, as JSON; nil for commands that are refused.
    let parsed: Data?
    /// What is wrong with a command that is refused.
    let code: String?
    let field: String?
    let id: Int64?

    var testDescription: String { name }

    /// All vectors of one file.
    static func load(_ file: String) -> [WireVector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Vectors/wire")
        guard let data = try? Data(contentsOf: folder.appendingPathComponent(file)),
            let entries = try? JSONSerialization.jsonObject(with: data) as? [[String: Any]]
        else { fatalError("\(file) is missing or no JSON") }
        return entries.map(WireVector.init(entry:))
    }

    private init(entry: [String: Any]) {
        guard let name = entry["name"] as? String, let line = entry["line"] as? String else {
            fatalError("a vector without name and line")
        }
        self.name = name
        self.line = line
        parsed = entry["parsed"].flatMap { try? JSONSerialization.data(withJSONObject: $0) }
        let error = entry["error"] as? [String: Any]
        code = error?["code"] as? String
        field = error?["field"] as? String
        id = entry["id"] as? Int64
    }

    /// The members of `parsed`.
    func members() throws -> [String: NSObject] {
        let data = try #require(parsed)
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: NSObject])
    }
}
