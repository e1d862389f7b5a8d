/// The server's side of one WebSocket connection after its opening handshake: bytes in, events out; messages in,
/// bytes out (RFC 6455 §4–§7, RFC 7692). It does no I/O, knows no clock and never traps on what a peer sends.
///
/// It owns the place in the frame and message under way, the closing state and, under context takeover, the
/// connection's compression streams. An idle session owns no heap memory otherwise: a message that comes whole
/// in one frame is unmasked where it lies and lent out. Confined to its connection's loop.
///
/// Use, for each run of bytes received: `receive`, then `next` until it gives nil.
public struct WebSocketSession: ~Copyable {
    /// How far the closing handshake is (RFC 6455 §7).
    public enum State: UInt8, Sendable {
        /// Messages go both ways.
        case open
        /// The hub's close frame is out; what comes is read only to find the peer's.
        case closeSent
        /// The peer's close frame or its violation ended the input; the hub's close frame is still to be sent.
        case closeReceived
        /// Nothing is read or written any more: end the connection.
        case closed
    }

    /// How far the closing handshake is.
    public private(set) var state = State.open

    /// The agreed permessage-deflate parameters, nil where messages are never compressed.
    public let deflate: DeflateParameters?

    /// The code of the peer's close frame, 0 where it had none.
    private var receivedCode: UInt16 = 0

    let limits: WebSocketLimits
    var input = InputWindow()
    var partial: PartialInput?
    var ownInflater: Inflater?
    private var ownDeflater: Deflater?

    /// A session at the first byte behind the opening handshake.
    public init(limits: WebSocketLimits = WebSocketLimits(), deflate: DeflateParameters?) {
        var limits = limits
        // Far above any memory and far enough below Int.max that sums with it cannot overflow.
        limits.maxMessageBytes = min(max(limits.maxMessageBytes, 0), 1 << 48)
        self.limits = limits
        self.deflate = deflate
    }

    /// Hands in received bytes, which are unmasked in place. They must stay where they are until `next` gave nil,
    /// which must have happened for the bytes before.
    public mutating func receive(_ bytes: UnsafeMutableRawBufferPointer) {
        assert(input.isEmpty || state != .open, "the bytes before were not read to their end")
        guard state == .open || state == .closeSent else { return }
        input = InputWindow(bytes)
    }

    /// The next event, or nil where more bytes are needed or none will be read any more. What is left of the bytes
    /// has been copied when it gives nil. The event's view is valid until the next call.
    ///
    /// After the hub's close frame only the peer's close frame and violations are told. After a violation or the
    /// peer's close frame it gives nil for ever.
    public mutating func next(_ codecs: DeflateCodecs) -> WebSocketEvent? {
        if let partial, partial.isSpent || state == .closeReceived || state == .closed { self.partial = nil }
        do throws(ProtocolViolation) {
            while state == .open || state == .closeSent {
                guard let event = try readFrame(codecs) else { break }
                switch event {
                case .close(let code, _):
                    receivedCode = code?.rawValue ?? 0
                    endInput()
                    return event
                case .text, .binary, .ping, .pong, .violation:
                    if state == .open { return event }
                }
            }
            return nil
        } catch {
            endInput()
            partial = nil
            return .violation(error)
        }
    }

    private mutating func endInput() {
        state = state == .open ? .closeReceived : .closed
        input = InputWindow()
    }

    /// Appends a close frame, unless the hub's close frame has been sent: then nothing.
    ///
    /// A code that must not be sent becomes 1011, `.noStatus` an empty frame; the reason is cut to 123 bytes.
    public mutating func close(_ code: CloseCode, reason: String = "", into bytes: inout [UInt8]) {
        guard endOutput() else { return }
        WebSocketFrame.appendClose(code, reason: reason, into: &bytes)
    }

    /// Appends the answer to the peer's close frame: its own code, none where it had none. Appends nothing before
    /// that frame or after the hub's own.
    public mutating func answerClose(into bytes: inout [UInt8]) {
        guard state == .closeReceived, endOutput() else { return }
        let code = receivedCode == 0 ? nil : CloseCode(rawValue: receivedCode)
        WebSocketFrame.appendCloseAnswer(to: code, into: &bytes)
    }

    private mutating func endOutput() -> Bool {
        switch state {
        case .open: state = .closeSent
        case .closeReceived: state = .closed
        case .closeSent, .closed: return false
        }
        return true
    }

    /// Appends a message as one frame, compressed where asked for and agreed on. Appends nothing once the hub's
    /// close frame has been sent (RFC 6455 §5.5.1).
    public mutating func appendMessage(
        _ payload: ByteView,
        text: Bool,
        compress: Bool,
        codecs: DeflateCodecs,
        into bytes: inout [UInt8]
    ) {
        guard state == .open || state == .closeReceived else { return }
        let opcode: WebSocketOpcode = text ? .text : .binary
        guard compress, let deflate else {
            WebSocketFrame.appendHeader(opcode: opcode, length: payload.count, into: &bytes)
            bytes.append(payload)
            return
        }
        codecs.deflate(payload, with: deflater(deflate, codecs)) { compressed in
            WebSocketFrame.appendHeader(opcode: opcode, rsv1: true, length: compressed.count, into: &bytes)
            bytes.append(compressed)
        }
    }

    private mutating func deflater(_ parameters: DeflateParameters, _ codecs: DeflateCodecs) -> Deflater {
        if parameters.serverNoContextTakeover {
            return codecs.pooledDeflater(windowBits: parameters.serverMaxWindowBits)
        }
        let deflater = ownDeflater ?? codecs.makeDeflater(windowBits: parameters.serverMaxWindowBits)
        ownDeflater = deflater
        return deflater
    }
}
