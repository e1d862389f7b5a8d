import Glibc

/// One WebSocket connection of the load: its socket, what it has not yet read whole, what it has seen.
///
/// It speaks just enough of RFC 6455 to be cheap: its own frames are masked with a key of zeros (allowed by
/// §5.3, and nothing to compute), the server's are short text frames.
final class Peer {
    let descriptor: Int32
    /// Bytes of a frame that has not come whole.
    private var partial: [UInt8] = []
    private var isUpgraded = false
    /// The last offset it was given; 0 before the first.
    var offset = 0
    var isJoined = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Hands over every message in `bytes`, together with what was left from before.
    func receive(_ bytes: UnsafeRawBufferPointer, _ message: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard partial.isEmpty else {
            partial.append(contentsOf: bytes)
            let whole = partial
            let used = try whole.withUnsafeBytes { try consume($0, message) }
            partial = Array(whole[used...])
            return
        }
        let used = try consume(bytes, message)
        if used < bytes.count { partial = Array(bytes[used...]) }
    }

    private func consume(
        _ bytes: UnsafeRawBufferPointer,
        _ message: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        var index = 0
        if !isUpgraded {
            guard let end = Peer.endOfHead(bytes) else { return 0 }
            guard bytes.starts(with: "HTTP/1.1 101".utf8) else {
                throw LoadError("the server answered \(String(decoding: bytes.prefix(200), as: UTF8.self))")
            }
            isUpgraded = true
            index = end
        }
        while bytes.count - index >= 2 {
            var length = Int(bytes[index + 1])
            var header = 2
            if length == 126 {
                guard bytes.count - index >= 4 else { break }
                length = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
                header = 4
            } else if length == 127 {
                guard bytes.count - index >= 10 else { break }
                length = (2..<10).reduce(0) { $0 << 8 | Int(bytes[index + $1]) }
                header = 10
            }
            guard bytes.count - index >= header + length else { break }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(index + header)..<(index + header + length)])
            switch bytes[index] & 15 {
            case 1: try message(payload)
            case 8: throw LoadError("the server closed: \(Peer.closeCode(payload))")
            case 9: send(opcode: 10, payload)
            default: break
            }
            index += header + length
        }
        return index
    }

    private static func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        return (0...max(0, bytes.count - 4)).first { bytes[$0...].starts(with: end) }.map { $0 + 4 }
    }

    private static func closeCode(_ payload: UnsafeRawBufferPointer) -> String {
        guard payload.count >= 2 else { return "without a code" }
        let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
        return "\(Int(payload[0]) << 8 | Int(payload[1])) \(reason)"
    }

    // MARK: Sending

    func upgrade(host: String) {
        let head =
            "GET /ws HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: apus.v1\r\n\r\n"
        write(Array(head.utf8))
    }

    func send(text: String) {
        var text = text
        text.withUTF8 { send(opcode: 1, UnsafeRawBufferPointer($0)) }
    }

    private func send(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame.append(0x80 | 126)
            frame.append(UInt8(payload.count >> 8 & 255))
            frame.append(UInt8(payload.count & 255))
        }
        frame.append(contentsOf: [0, 0, 0, 0])
        frame.append(contentsOf: payload)
        write(frame)
    }

    /// The load's own messages are small and few: the socket's buffer always has room for them.
    private func write(_ bytes: [UInt8]) {
        let written = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        precondition(written == bytes.count, "the socket took \(written) of \(bytes.count) bytes")
    }
}

/// Something that makes the figures worthless, said in a sentence.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
