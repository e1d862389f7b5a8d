import Foundation

/// The client's side of a WebSocket, just enough for `apus tail`: text lines out, text lines in, pings answered.
///
/// It asks for no extension, so frames are read as RFC 6455 §5.2 lays them out; the hub never fragments.
final class HubSocket {
    private let stream: SocketStream
    private var buffer: [UInt8] = []

    /// Connects and opens the WebSocket.
    init(_ address: HubAddress) throws {
        stream = try SocketStream(host: address.host, port: address.port)
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        let lines = [
            "GET /ws HTTP/1.1", "Host: \(address.authority)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Protocol: apus.v1",
        ]
        try stream.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let head = try readHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else {
            throw Failure(sentence: "no WebSocket there: \(head.prefix { $0 != "\r\n" })", status: 1)
        }
    }

    /// Sends one command.
    func send(_ line: String) throws {
        try send(opcode: 1, Array(line.utf8))
    }

    /// The next lines; nil once the hub has closed, after saying why on stderr.
    func lines() throws -> [String]? {
        while true {
            let (opcode, payload) = try frame()
            switch opcode {
            case 1: return String(decoding: payload, as: UTF8.self).split(separator: "\n").map(String.init)
            case 9: try send(opcode: 10, payload)
            case 8:
                let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
                Console.complain("closed with \(code) \(String(decoding: payload.dropFirst(2), as: UTF8.self))")
                return nil
            default: continue
            }
        }
    }

    private func readHead() throws -> String {
        let end = [UInt8]("\r\n\r\n".utf8)
        while true {
            if let found = buffer.firstRange(of: end) {
                let head = String(decoding: buffer[..<found.lowerBound], as: UTF8.self)
                buffer.removeSubrange(..<found.upperBound)
                return head
            }
            try fill()
        }
    }

    private func frame() throws -> (opcode: UInt8, payload: [UInt8]) {
        var header = 2
        try need(header)
        var length = Int(buffer[1] & 0x7F)
        let extra = length == 127 ? 8 : length == 126 ? 2 : 0
        if extra > 0 {
            header += extra
            try need(header)
            length = buffer[2..<header].reduce(0) { $0 << 8 | Int($1) }
        }
        guard length >= 0, length < 64 << 20 else {
            throw Failure(sentence: "the hub sent a frame too large", status: 1)
        }
        try need(header + length)
        let opcode = buffer[0] & 0x0F
        let payload = Array(buffer[header..<header + length])
        buffer.removeFirst(header + length)
        return (opcode, payload)
    }

    private func need(_ count: Int) throws {
        while buffer.count < count { try fill() }
    }

    private func fill() throws {
        let bytes = try stream.receive()
        guard !bytes.isEmpty else { throw Failure(sentence: "the hub ended the connection", status: 1) }
        buffer.append(contentsOf: bytes)
    }

    private func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask = (0..<4).map { _ in UInt8.random(in: 0...255) }
        frame += mask
        frame += payload.enumerated().map { $1 ^ mask[$0 % 4] }
        try stream.send(frame)
    }
}
