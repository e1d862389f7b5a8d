/// The first line of a request (RFC 9112 §3): method, one space, target, one space, version.
struct HTTPRequestLine {
    /// The methods that are known here; others get 501. Which of them a path serves is the router's to say, with 405.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

    let method: String
    let target: HTTPTarget
    let minorVersion: Int

    /// Reads a line without its line end.
    init(_ line: ByteView, limits: HTTPLimits) throws(HTTPRejection) {
        let parts = line.split(UInt8(ascii: " "), limit: 4)
        guard parts.count == 3 else {
            throw .badRequest("The request line is not a method, a target and a version with single spaces.")
        }
        guard !parts[0].isEmpty, parts[0].allSatisfy(HTTPCharacters.isToken) else {
            throw .badRequest("The method is not a token.")
        }
        guard parts[1].count <= limits.maxTargetBytes else { throw Self.targetTooLong }
        minorVersion = try Self.minorVersion(parts[2])
        method = parts[0].string()
        guard Self.methods.contains(method) else {
            throw HTTPRejection(status: 501, sentence: "The method is not implemented.")
        }
        target = try HTTPTarget(parts[1], method: method)
    }

    static let targetTooLong = HTTPRejection(status: 414, sentence: "The request target is too long.")

    private static func minorVersion(_ text: ByteView) throws(HTTPRejection) -> Int {
        guard text.count == 8, text[0..<5].equals("HTTP/"), let major = HTTPCharacters.digit(text[5]),
            text[6] == UInt8(ascii: "."), let minor = HTTPCharacters.digit(text[7])
        else { throw .badRequest("The version is not HTTP/ and two digits.") }
        guard major == 1, minor <= 1 else {
            throw HTTPRejection(status: 505, sentence: "Only HTTP/1.0 and HTTP/1.1 are served here.")
        }
        return minor
    }
}

extension ByteView {
    /// The pieces between occurrences of `separator`, empty ones included, at most `limit`; the last has the rest.
    func split(_ separator: UInt8, limit: Int) -> [ByteView] {
        var parts: [ByteView] = []
        var start = 0
        for index in 0..<count where self[index] == separator && parts.count < limit - 1 {
            parts.append(self[start..<index])
            start = index + 1
        }
        parts.append(self[start..<count])
        return parts
    }

    /// Whether `condition` holds for every byte.
    func allSatisfy(_ condition: (UInt8) -> Bool) -> Bool {
        withUnsafeBytes { $0.allSatisfy(condition) }
    }
}
