/// From bytes to events.
///
/// A frame that lies whole in the receive buffer and is a message by itself takes the short way: unmasked in place,
/// validated, lent out. All others go through `PartialInput`.
extension WebSocketSession {
    /// Reads on to the next event; nil where the bytes are used up.
    mutating func readFrame(_ codecs: DeflateCodecs) throws(ProtocolViolation) -> WebSocketEvent? {
        while true {
            if let partial, partial.frame != nil {
                guard let event = try readPayload(partial, codecs) else {
                    if input.isEmpty { return nil }
                    continue
                }
                return event
            }
            guard let header = try readHeader() else { return nil }
            try admit(header)
            if header.length <= input.count, isWhole(header) {
                return try readWhole(header, codecs)
            }
            partialInput().begin(header)
        }
    }

    private func isWhole(_ header: FrameHeader) -> Bool {
        header.opcode.isControl || (header.fin && header.opcode != .continuation)
    }

    private mutating func partialInput() -> PartialInput {
        if let partial { return partial }
        let fresh = PartialInput()
        partial = fresh
        return fresh
    }

    /// Reads a header; where it is not all there its first bytes are put by.
    private mutating func readHeader() throws(ProtocolViolation) -> FrameHeader? {
        if let partial, partial.head.count > 0 {
            while !input.isEmpty {
                partial.head.append(UnsafeRawBufferPointer(input.take(1)))
                if let header = try FrameHeader.parse(partial.head.view) {
                    partial.head.removeAll(keeping: FrameHeader.maxBytes)
                    return header
                }
            }
            return nil
        }
        if let header = try FrameHeader.parse(input.view) {
            _ = input.take(header.size)
            return header
        }
        if !input.isEmpty {
            partialInput().head.append(UnsafeRawBufferPointer(input.take(input.count)))
        }
        return nil
    }

    /// The rules that depend on the connection: order of fragments, extensions, limits.
    private func admit(_ header: FrameHeader) throws(ProtocolViolation) {
        guard !header.opcode.isControl else { return }
        let message = partial?.message
        if header.opcode == .continuation {
            guard let message else {
                throw .protocolError("a continuation frame without a message to continue", "RFC 6455 §5.4")
            }
            guard !header.rsv1 else {
                throw .protocolError("a continuation frame is marked as compressed", "RFC 7692 §6.1")
            }
            guard message.frames < limits.maxFragments else {
                throw .tooBig("the message has more fragments than the limit")
            }
        } else {
            guard message == nil else {
                throw .protocolError("a new message inside a fragmented one", "RFC 6455 §5.4")
            }
            guard !header.rsv1 || deflate != nil else {
                throw .protocolError("a frame is compressed without an agreement to", "RFC 6455 §5.2")
            }
        }
        guard header.length <= limits.maxFrameBytes else { throw .tooBig("the frame is larger than the limit") }
        let isCompressed = message?.isCompressed ?? header.rsv1
        guard isCompressed || header.length <= limits.maxMessageBytes - (partial?.messageBytes ?? 0) else {
            throw .tooBig("the message is larger than the limit")
        }
    }

    // MARK: Whole frames

    private mutating func readWhole(
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

    // MARK: Frames and messages in pieces

    /// Takes what there is of the payload under way; the event where that ends a control frame or a message.
    private mutating func readPayload(
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

    // MARK: Control frames

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
