/// What one watcher of a stream has read so far; refuses gaps, repeats, and text that is not the producer's.
struct TokenWatcher {
    /// How many tokens it has.
    private(set) var tokens = 0
    private(set) var isDone = false

    static let length = 9

    static func text(_ token: Int) -> String {
        let digits = String(token)
        return "w" + String(repeating: "0", count: Self.length - 2 - digits.utf8.count) + digits + " "
    }

    /// Takes a push; false where it is none of a stream.
    mutating func take(_ line: String) throws(LoadError) -> Bool {
        switch TokenWatcher.member("kind", of: line) {
        case "delta":
            guard let from = TokenWatcher.number("from", of: line), let to = TokenWatcher.number("to", of: line) else {
                throw LoadError("a delta without its place: \(line.prefix(200))")
            }
            guard from == tokens, to > from else {
                throw LoadError("a delta from \(from) to \(to) came after \(tokens) tokens")
            }
            try TokenWatcher.compare(TokenWatcher.member("text", of: line), from: from, to: to)
            tokens = to
        case "snapshot":
            guard let to = TokenWatcher.number("to", of: line), to >= tokens else {
                throw LoadError("a snapshot that goes back: \(line.prefix(200))")
            }
            try TokenWatcher.compare(TokenWatcher.member("text", of: line), from: 0, to: to)
            tokens = to
        case "stream":
            guard line.contains(#""state":"done""#) else { return false }
            let text = TokenWatcher.member("text", of: line)
            let end = (text?.utf8.count ?? 0) / TokenWatcher.length
            try TokenWatcher.compare(text, from: 0, to: end)
            guard end >= tokens else { throw LoadError("the whole text has \(end) tokens, \(tokens) were read") }
            tokens = end
            isDone = true
        default:
            return false
        }
        return true
    }

    private static func compare(_ text: String?, from: Int, to: Int) throws(LoadError) {
        let expected = (from..<to).map(TokenWatcher.text).joined()
        guard text == expected else {
            throw LoadError("tokens \(from) to \(to) read as \((text ?? "nothing").prefix(80))")
        }
    }

    /// The text of a member; what the load writes needs no unescaping.
    private static func member(_ name: String, of line: String) -> String? {
        guard let key = line.firstRange(of: "\"\(name)\":\"") else { return nil }
        return String(line[key.upperBound...].prefix { $0 != "\"" })
    }

    private static func number(_ name: String, of line: String) -> Int? {
        guard let key = line.firstRange(of: "\"\(name)\":") else { return nil }
        return Int(line[key.upperBound...].prefix { $0.isNumber })
    }
}
