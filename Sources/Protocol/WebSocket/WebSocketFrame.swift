/// The server's frames (RFC 6455 §5.2), appended to bytes on their way out:
///
///     0               1               2…
///     FIN RSV1-3 op4 | 0 len7        | 16-bit length where len7 = 126, 64-bit where 127 | payload
///
/// A server never masks (§5.1) and gives each length in its shortest form. Nothing here fragments: a message is one
/// frame.
public enum WebSocketFrame {
    /// The largest payload of a control frame (§5.5).
    public static let maxControlBytes = 125

    /// How many bytes the header in front of a payload of `length` bytes takes: 2, 4 or 10.
    @inlinable
    public static func headerLength(for length: Int) -> Int {
        length <= 125 ? 2 : length <= 0xFFFF ? 4 : 10
    }

    /// Appends the header of a frame whose payload of `length` bytes the caller appends next.
    @inlinable
    public static func appendHeader(
        opcode: WebSocketOpcode,
        fin: Bool = true,
        rsv1: Bool = false,
        length: Int,
        into bytes: inout [UInt8]
    ) {
        bytes.append(opcode.rawValue | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0))
        if length <= 125 {
            bytes.append(UInt8(truncatingIfNeeded: length))
        } else if length <= 0xFFFF {
            bytes.append(126)
            appendBigEndian(length, count: 2, into: &bytes)
        } else {
            bytes.append(127)
            appendBigEndian(length, count: 8, into: &bytes)
        }
    }

    /// Appends a whole text message; `text` must be UTF-8.
    @inlinable
    public static func appendText(_ text: ByteView, into bytes: inout [UInt8]) {
        appendHeader(opcode: .text, length: text.count, into: &bytes)
        bytes.append(text)
    }

    /// Appends a whole binary message.
    @inlinable
    public static func appendBinary(_ payload: ByteView, into bytes: inout [UInt8]) {
        appendHeader(opcode: .binary, length: payload.count, into: &bytes)
        bytes.append(payload)
    }

    /// Appends a ping of the first 125 bytes of `payload`.
    public static func appendPing(_ payload: ByteView = .empty, into bytes: inout [UInt8]) {
        appendControl(.ping, payload, into: &bytes)
    }

    /// Appends a pong of the first 125 bytes of `payload`, which for an answer are the ping's bytes.
    public static func appendPong(_ payload: ByteView, into bytes: inout [UInt8]) {
        appendControl(.pong, payload, into: &bytes)
    }

    /// Appends a close frame. Connections use `WebSocketSession.close`, which sends at most one.
    ///
    /// A code the server may not send becomes 1011, save 1005 and no code at all, which make an empty close frame.
    /// The reason is cut to 123 bytes between two Unicode scalars.
    public static func appendClose(_ code: CloseCode?, reason: String = "", into bytes: inout [UInt8]) {
        guard let code, code != .noStatus else {
            appendHeader(opcode: .close, length: 0, into: &bytes)
            return
        }
        appendClosePayload((code.isSendable ? code : .internalError).rawValue, reason: reason, into: &bytes)
    }

    /// Appends the answer to a peer's close frame: the same code, without one where the peer gave none.
    static func appendCloseAnswer(to code: CloseCode?, into bytes: inout [UInt8]) {
        guard let code else {
            appendHeader(opcode: .close, length: 0, into: &bytes)
            return
        }
        appendClosePayload(code.rawValue, reason: "", into: &bytes)
    }

    private static func appendClosePayload(_ code: UInt16, reason: String, into bytes: inout [UInt8]) {
        let utf8 = reason.utf8
        var end = utf8.index(utf8.startIndex, offsetBy: maxControlBytes - 2, limitedBy: utf8.endIndex) ?? utf8.endIndex
        while end > utf8.startIndex, end.samePosition(in: reason.unicodeScalars) == nil {
            end = utf8.index(before: end)
        }
        let cut = utf8[..<end]
        appendHeader(opcode: .close, length: 2 + cut.count, into: &bytes)
        appendBigEndian(Int(code), count: 2, into: &bytes)
        bytes.append(contentsOf: cut)
    }

    private static func appendControl(_ opcode: WebSocketOpcode, _ payload: ByteView, into bytes: inout [UInt8]) {
        let payload = payload[0..<min(payload.count, maxControlBytes)]
        appendHeader(opcode: opcode, length: payload.count, into: &bytes)
        bytes.append(payload)
    }

    @usableFromInline
    static func appendBigEndian(_ value: Int, count: Int, into bytes: inout [UInt8]) {
        for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
