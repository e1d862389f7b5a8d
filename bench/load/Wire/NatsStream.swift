/// NATS' protocol of lines, cut into WebSocket messages wherever it pleased the server.
///
///     MSG room 1 128\r\n<128 bytes>\r\n      PING\r\n      PONG\r\n      INFO {…}\r\n
struct NatsStream {
    enum Event {
        case message(UnsafeRawBufferPointer)
        case ping
        case pong
    }

    private var partial: [UInt8] = []

    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ take: (Event) throws -> Void) throws {
        guard partial.isEmpty else {
            partial.append(contentsOf: bytes)
            let whole = partial
            let used = try whole.withUnsafeBytes { try NatsStream.consume($0, take) }
            partial = Array(whole[used...])
            return
        }
        let used = try NatsStream.consume(bytes, take)
        if used < bytes.count { partial = Array(bytes[used...]) }
    }

    private static func consume(_ bytes: UnsafeRawBufferPointer, _ take: (Event) throws -> Void) throws -> Int {
        var index = 0
        while let end = bytes[index...].firstIndex(of: 10), end > index, bytes[end - 1] == 13 {
            switch bytes[index] {
            case UInt8(ascii: "M"):
                guard let length = number(before: end - 1, in: bytes) else {
                    throw LoadError("NATS: a MSG without a length")
                }
                guard bytes.count >= end + 1 + length + 2 else { return index }
                try take(.message(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)..<(end + 1 + length)])))
                index = end + 1 + length + 2
                continue
            case UInt8(ascii: "P"):
                try take(bytes[index + 1] == UInt8(ascii: "I") ? .ping : .pong)
            case UInt8(ascii: "-"):
                throw LoadError("NATS said \(String(decoding: bytes[index..<end], as: UTF8.self))")
            default:
                break
            }
            index = end + 1
        }
        return index
    }

    /// The digits that end there.
    private static func number(before end: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        var value = 0
        var scale = 1
        var index = end - 1
        while index >= 0, bytes[index] >= 48, bytes[index] <= 57 {
            value += Int(bytes[index] - 48) * scale
            scale *= 10
            index -= 1
        }
        return scale > 1 ? value : nil
    }
}
