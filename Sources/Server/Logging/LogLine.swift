import Logging

/// One line of the log, as text or as a JSON object. Metadata is sorted by key, so that lines compare.
struct LogLine {
    /// How lines are written.
    enum Format: String, Sendable {
        case text, json
    }

    let time: String
    let level: Logger.Level
    let label: String
    let message: String
    let metadata: Logger.Metadata

    func rendered(as format: Format) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    /// `2026-01-31T10:00:00.000Z info apus: listening address=127.0.0.1:8080`; values with blanks are quoted,
    /// and no value can begin a line of its own.
    private var text: String {
        var line = "\(time) \(level.rawValue) \(label): \(LogLine.oneLine(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let rendered = LogLine.plain(value)
            let quoted = rendered.isEmpty || rendered.contains { " \"=".contains($0) || $0.isNewline }
            line += " \(key)=" + (quoted ? LogLine.quoted(rendered) : LogLine.oneLine(rendered))
        }
        return line
    }

    private var json: String {
        var line =
            "{\"time\":\(LogLine.quoted(time)),\"level\":\"\(level.rawValue)\",\"logger\":\(LogLine.quoted(label))"
        line += ",\"message\":\(LogLine.quoted(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += ",\(LogLine.quoted(LogLine.reserved.contains(key) ? "\(key)_" : key)):\(LogLine.structured(value))"
        }
        return line + "}"
    }

    private static let reserved: Set<String> = ["time", "level", "logger", "message"]

    private static func plain(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let text): text.description
        case .array(let items): "[" + items.map(plain).joined(separator: ",") + "]"
        case .dictionary(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key)=\(plain($0.value))" }.joined(separator: ",") + "}"
        }
    }

    private static func structured(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let number as Int): String(number)
        case .stringConvertible(let text): quoted(text.description)
        case .array(let items): "[" + items.map(structured).joined(separator: ",") + "]"
        case .dictionary(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(structured($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    private static func oneLine(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
