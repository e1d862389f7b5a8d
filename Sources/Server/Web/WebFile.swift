/// A static file as it is served: read once at the start, so that no loop ever waits for the disk.
struct WebFile: Sendable {
    let body: [UInt8]
    let contentType: String
    /// A strong validator over the content (RFC 9110 §8.8.3).
    let entityTag: String

    init(name: String, body: [UInt8]) {
        self.body = body
        contentType = WebFile.contentType(of: name)
        entityTag = "\"\(String(WebFile.fingerprint(of: body), radix: 16))-\(String(body.count, radix: 16))\""
    }

    /// FNV-1a, 64 bits: tells versions of a file apart, nothing more.
    private static func fingerprint(of body: [UInt8]) -> UInt64 {
        body.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "json", "map": "application/json"
        case "ts", "txt", "md": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    /// Whether a browser's copy is still good (`If-None-Match`, RFC 9110 §13.1.2).
    func matches(_ ifNoneMatch: String?) -> Bool {
        guard let ifNoneMatch else { return false }
        return ifNoneMatch.split(separator: ",").contains { candidate in
            let tag = candidate.trimmingPrefix(while: \.isWhitespace)
            let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
            return strong.prefix(entityTag.count) == entityTag || strong == "*"
        }
    }
}
