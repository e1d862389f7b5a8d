/// From payloads to events: unmasking, inflating and judging what a frame carries, whole or as it comes.
extension WebSocketSession {
    /// Reads a frame that lies whole in the receive buffer and needs nothing from before it.
    mutating func readWhole(
        _ header: FrameHeader,
        _ codecs: DeflateCodecs
    ) throws(ProtocolViolation) -> WebSocketEvent {
        let bytes = input.take(header.length)
        header.mask.apply(to: bytes)
        let payload = ByteView(UnsafeRawBufferPointer(bytes))
        if header.opcode.isControl { return try controlEvent(header.opcode, payload) }
        let content = header.rsv1 ? try inflated(payload, codecs) : payload
        guard header.opcode == .text else { return .binary(content) }
        guard UTF8Validator.isValid(content) else { throw .notUTF8 }
        return .text(content)
    }

    private mutating func inflated(
        _ payload: ByteView,
        _ codecs: DeflateCodecs
    ) throws(ProtocolViolation) -> ByteView {
        let inflater = inflater(codecs)
        codecs.clearInflated()
        try inflater.append(payload, into: &codecs.inflated, limit: limits.maxMessageBytes)
        try inflater.finish(into: &codecs.inflated, limit: limits.maxMessageBytes)
        giveBack(inflater, to: codecs)
        return codecs.inflated.view
    }

    /// The connection's own inflater under context takeover, otherwise one of the loop's.
    private mutating func inflater(_ codecs: DeflateCodecs) -> Inflater {
        guard let deflate, !deflate.clientNoContextTakeover else { return codecs.takeInflater() }
        let inflater = ownInflater ?? Inflater(windowBits: deflate.clientMaxWindowBits)
        ownInflater = inflater
        return inflater
    }

    private func giveBack(_ inflater: Inflater, to codecs: DeflateCodecs) {
        if inflater !== ownInflater { codecs.recycle(inflater) }
    }

    /// Takes what there is of the payload under way; the event where that ends a control frame or a message.
    mutating func readPayload(
        _ partial: PartialInput,
        _ codecs: DeflateCodecs
    ) throws(ProtocolViolation) -> WebSocketEvent? {
        guard var frame = partial.frame else { return nil }
        let bytes = input.take(frame.missing)
        frame.header.mask.advanced(by: frame.received).apply(to: bytes)
        frame.received += bytes.count
        let isEnded = frame.missing == 0
        partial.frame = isEnded ? nil : frame

        if frame.header.opcode.isControl {
            partial.appendControl(UnsafeRawBufferPointer(bytes))
            return isEnded ? try controlEvent(frame.header.opcode, partial.controlView) : nil
        }
        try partial.appendContent(UnsafeRawBufferPointer(bytes), limit: limits.maxMessageBytes) { inflater(codecs) }
        guard isEnded, frame.header.fin else { return nil }
        let message = try partial.finish(limit: limits.maxMessageBytes)
        if let inflater = message.inflater { giveBack(inflater, to: codecs) }
        return message.isText ? .text(message.content) : .binary(message.content)
    }

    private func controlEvent(
        _ opcode: WebSocketOpcode,
        _ payload: ByteView
    ) throws(ProtocolViolation) -> WebSocketEvent {
        switch opcode {
        case .ping: .ping(payload)
        case .pong: .pong(payload)
        default: try closeEvent(payload)
        }
    }

    private func closeEvent(_ payload: ByteView) throws(ProtocolViolation) -> WebSocketEvent {
        guard !payload.isEmpty else { return .close(nil, reason: .empty) }
        guard payload.count >= 2 else {
            throw .protocolError("a close frame has half a code", "RFC 6455 §5.5.1")
        }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isValidOnWire else { throw .protocolError("the close code must not be sent", "RFC 6455 §7.4") }
        let reason = payload[2..<payload.count]
        guard UTF8Validator.isValid(reason) else {
            throw ProtocolViolation(
                code: .invalidPayload,
                sentence: "the close reason is not valid UTF-8",
                rfc: "RFC 6455 §5.5.1"
            )
        }
        return .close(code, reason: reason)
    }
}
