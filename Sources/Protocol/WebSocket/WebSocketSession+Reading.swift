/// From bytes to frames.
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
}
