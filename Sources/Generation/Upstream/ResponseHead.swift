/// Gathers the lines of response heads as libcurl gives them: interim responses and redirects begin again.
struct ResponseHead {
    private(set) var bytes = 0
    private(set) var head = UpstreamHead(status: 0, fields: [])

    /// Takes one line, with or without its line break.
    mutating func take(_ line: [UInt8]) {
        bytes += line.count
        let text = String(decoding: line, as: UTF8.self).trimmingLineBreak
        if text.hasPrefix("HTTP/") {
            let parts = text.split(separator: " ", maxSplits: 2)
            head = UpstreamHead(status: parts.count > 1 ? Int(parts[1]) ?? 0 : 0, fields: [])
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.fields.append((text[..<colon].lowercased(), String(value)))
        }
    }
}

extension String {
    fileprivate var trimmingLineBreak: Substring {
        var text = self[...]
        while let last = text.last, last.isNewline || last == " " { text.removeLast() }
        return text
    }
}
