import Glibc

/// Responses of a kept connection, each with a `Content-Length`.
enum HTTPResponse {
    static func consume(_ bytes: UnsafeRawBufferPointer, _ take: (Peer.Inbound) throws -> Void) throws -> Int {
        var index = 0
        while index < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
            guard let end = endOfHead(rest) else { break }
            let head = String(decoding: rest[..<end], as: UTF8.self).lowercased()
            guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw LoadError("no HTTP response: \(head.prefix(80))")
            }
            let lengths = head.split(separator: "\r\n").filter { $0.hasPrefix("content-length:") }
            let length =
                lengths.first.flatMap { line in Int(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? 0
            guard rest.count >= end + length else { break }
            try take(.response(status: status, body: UnsafeRawBufferPointer(rebasing: rest[end..<(end + length)])))
            index += end + length
        }
        return index
    }

    /// Behind the empty line.
    static func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 && bytes[index - 3] == 13 {
            return index + 1
        }
        return nil
    }
}
