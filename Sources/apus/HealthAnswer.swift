import Foundation

/// What a hub says about its health.
struct HealthAnswer {
    let status: String
    let body: String

    var isGood: Bool { status == "200" }

    /// Sends one request and reads the answer to the end of the connection, or gives up after `seconds` of silence.
    static func ask(_ address: HubAddress, path: String, seconds: Int) throws -> HealthAnswer {
        let stream = try SocketStream(host: address.host, port: address.port)
        stream.giveUp(after: seconds)
        let lines = ["GET \(path) HTTP/1.1", "Host: \(address.authority)", "Connection: close", "", ""]
        try stream.send(Array(lines.joined(separator: "\r\n").utf8))
        var bytes: [UInt8] = []
        while bytes.count < mostBytes {
            let more = try stream.receive()
            guard !more.isEmpty else { break }
            bytes += more
        }
        let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        let head = String(decoding: bytes[..<(end?.lowerBound ?? bytes.count)], as: UTF8.self)
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
        guard let end, words.count >= 2, words[0].hasPrefix("HTTP/1.") else {
            throw Failure(sentence: "whoever listens at \(address.authority) is no hub", status: 1)
        }
        return HealthAnswer(status: String(words[1]), body: String(decoding: bytes[end.upperBound...], as: UTF8.self))
    }

    private static let mostBytes = 65_536
}
