/// A server's frame that has come whole (RFC 6455 §5.2); nil where bytes are still missing.
struct Frame {
    let opcode: UInt8
    let isCompressed: Bool
    /// Where the payload lies.
    let payload: Range<Int>

    init?(_ bytes: UnsafeRawBufferPointer, at index: Int) {
        guard bytes.count - index >= 2 else { return nil }
        var length = Int(bytes[index + 1])
        var header = 2
        if length == 126 {
            guard bytes.count - index >= 4 else { return nil }
            length = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
            header = 4
        } else if length == 127 {
            guard bytes.count - index >= 10 else { return nil }
            length = (2..<10).reduce(0) { $0 << 8 | Int(bytes[index + $1]) }
            header = 10
        }
        guard bytes.count - index - header >= length else { return nil }
        opcode = bytes[index] & 15
        isCompressed = bytes[index] & 0x40 != 0
        payload = (index + header)..<(index + header + length)
    }

    static func closeCode(_ payload: UnsafeRawBufferPointer) -> String {
        guard payload.count >= 2 else { return "without a code" }
        let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
        return "\(Int(payload[0]) << 8 | Int(payload[1])) \(reason)"
    }
}
