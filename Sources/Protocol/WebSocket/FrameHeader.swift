/// The header of a client's frame (RFC 6455 §5.2):
///
///     0               1               2…                                               …
///     FIN RSV1-3 op4 | 1 len7        | 16-bit length where len7 = 126, 64-bit where 127 | 4 bytes of mask | payload
///
/// A length must take its shortest form and a 64-bit one must leave its top bit clear. A header that breaks a rule
/// is refused at its first wrong byte, before the rest has come. What depends on the connection (the message under
/// way, extensions, limits) is the session's to judge.
struct FrameHeader {
    /// The most bytes a header takes.
    static let maxBytes = 14

    let opcode: WebSocketOpcode
    let fin: Bool
    let rsv1: Bool
    /// Payload bytes as announced.
    let length: Int
    let mask: Mask
    /// Bytes the header itself took.
    let size: Int

    /// The header at the start of `bytes`, or nil where more bytes are needed.
    static func parse(_ bytes: ByteView) throws(ProtocolViolation) -> FrameHeader? {
        guard bytes.count >= 1 else { return nil }
        let first = bytes[0]
        guard first & 0x30 == 0 else {
            throw .protocolError("a reserved bit is set that no extension uses", "RFC 6455 §5.2")
        }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw .protocolError("the opcode is reserved", "RFC 6455 §5.2")
        }
        let fin = first & 0x80 != 0
        let rsv1 = first & 0x40 != 0
        if opcode.isControl {
            guard fin else { throw .protocolError("a control frame is fragmented", "RFC 6455 §5.5") }
            guard !rsv1 else { throw .protocolError("a control frame is marked as compressed", "RFC 7692 §6.1") }
        }

        guard bytes.count >= 2 else { return nil }
        let second = bytes[1]
        guard second & 0x80 != 0 else { throw .protocolError("a client's frame is not masked", "RFC 6455 §5.1") }
        let short = Int(second & 0x7F)
        guard !opcode.isControl || short <= WebSocketFrame.maxControlBytes else {
            throw .protocolError("a control frame is longer than 125 bytes", "RFC 6455 §5.5")
        }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + lengthBytes else { return nil }
        let length = try extendedLength(bytes[2..<2 + lengthBytes], short: short)

        let size = 2 + lengthBytes + 4
        guard bytes.count >= size else { return nil }
        return FrameHeader(
            opcode: opcode,
            fin: fin,
            rsv1: rsv1,
            length: length,
            mask: Mask(bytes[size - 4], bytes[size - 3], bytes[size - 2], bytes[size - 1]),
            size: size
        )
    }

    private static func extendedLength(_ bytes: ByteView, short: Int) throws(ProtocolViolation) -> Int {
        guard !bytes.isEmpty else { return short }
        var value: UInt64 = 0
        for index in 0..<bytes.count {
            value = value << 8 | UInt64(bytes[index])
        }
        guard value <= UInt64(Int64.max) else {
            throw .protocolError("a frame's length has its top bit set", "RFC 6455 §5.2")
        }
        guard value > (bytes.count == 2 ? 125 : 0xFFFF) else {
            throw .protocolError("a frame's length is not in its shortest form", "RFC 6455 §5.2")
        }
        return Int(value)
    }
}
