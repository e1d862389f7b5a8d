@testable import HubProtocol

/// Whether an answer of the hub is one response by the rules, and only one.
enum HTTPAnswer {
    static func check(_ rejection: HTTPRejection) throws(BrokenPromise) {
        var bytes: [UInt8] = []
        HTTPResponse.append(rejection, into: &bytes)
        let (fields, body) = try head(of: bytes, status: rejection.status)
        let length = fields.filter { $0.lowercased().hasPrefix("content-length:") }
        try hold(length == ["Content-Length: \(body)"], "a refusal whose length is wrong")
        try hold(fields.contains("Connection: close") || fields.contains("Connection: close, Upgrade"), "it stays open")
    }

    /// The field lines of a response, and how many bytes follow them.
    static func head(of bytes: [UInt8], status: Int) throws(BrokenPromise) -> (fields: [String], body: Int) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw BrokenPromise(description: "no end of the head") }
        let lines = text[..<end.lowerBound].split(separator: "\r\n").map(String.init)
        try hold(lines[0].hasPrefix("HTTP/1.1 \(status) "), "another status than \(status)")
        for line in lines {
            let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            try hold(isPlain, "a control character in a response")
        }
        for line in lines.dropFirst() { try hold(line.contains(": "), "a field without a colon") }
        return (Array(lines.dropFirst()), text[end.upperBound...].utf8.count)
    }
}
