/// What a session has to remember while a frame or a message is incomplete: on the heap, and only for that long.
///
/// Message bytes are judged as they come: text is validated, compressed data inflated, both within the limits, so
/// that a message fails at its first wrong byte and not when it is whole.
final class PartialInput {
    /// A frame whose payload has not all come.
    struct Frame {
        let header: FrameHeader
        /// Payload bytes that have come.
        var received = 0

        var missing: Int { header.length - received }
    }

    /// A message that has begun and whose last frame has not ended.
    struct Message {
        let isText: Bool
        let isCompressed: Bool
        /// Frames so far, the one under way included.
        var frames = 1
        var utf8 = UTF8Validator()
    }

    /// The first bytes of a header that has not all come.
    var head = MessageBuffer()
    var frame: Frame?
    var message: Message?
    /// The control frame under way; there can be one in the middle of a message.
    private var control = MessageBuffer()
    /// The message under way, inflated.
    private var content = MessageBuffer()
    private var inflater: Inflater?

    /// Whether nothing is under way any more; a message may still be looked at here, until the next one.
    var isSpent: Bool { head.count == 0 && frame == nil && message == nil }

    /// Bytes of the message under way.
    var messageBytes: Int { message == nil ? 0 : content.count }

    /// Memory held for the message under way.
    var messageCapacity: Int { content.capacity }

    /// Starts the payload of a frame whose header is whole.
    func begin(_ header: FrameHeader) {
        frame = Frame(header: header)
        if header.opcode.isControl {
            control.removeAll(keeping: WebSocketFrame.maxControlBytes)
        } else {
            begin(messageOf: header)
        }
    }

    /// Takes a data frame into account: a continuation adds to the message under way, another opcode starts one.
    func begin(messageOf header: FrameHeader) {
        if header.opcode == .continuation {
            message?.frames += 1
        } else {
            content.removeAll(keeping: 0)
            message = Message(isText: header.opcode == .text, isCompressed: header.rsv1)
        }
    }

    /// Adds unmasked bytes of a control frame.
    func appendControl(_ bytes: UnsafeRawBufferPointer) {
        control.append(bytes)
    }

    /// The control frame's payload.
    var controlView: ByteView { control.view }

    /// Adds unmasked bytes of the message under way, as they came.
    func appendContent(
        _ bytes: UnsafeRawBufferPointer,
        limit: Int,
        inflater supply: () -> Inflater
    ) throws(ProtocolViolation) {
        let start = content.count
        if message?.isCompressed == true {
            let inflater = self.inflater ?? supply()
            self.inflater = inflater
            try inflater.append(ByteView(bytes), into: &content, limit: limit)
        } else {
            guard bytes.count <= limit - start else { throw .tooBig("the message is larger than the limit") }
            content.append(bytes)
        }
        try validate(from: start)
    }

    /// Ends the message and gives its content, valid until the next message here begins, and the inflater it used.
    func finish(limit: Int) throws(ProtocolViolation) -> (content: ByteView, isText: Bool, inflater: Inflater?) {
        let used = inflater
        if let inflater {
            let start = content.count
            try inflater.finish(into: &content, limit: limit)
            try validate(from: start)
        }
        let isText = message?.isText == true
        guard message?.utf8.isComplete != false else { throw .notUTF8 }
        message = nil
        inflater = nil
        return (content.view, isText, used)
    }

    private func validate(from start: Int) throws(ProtocolViolation) {
        guard message?.isText == true else { return }
        guard message?.utf8.consume(content.view(from: start)) == true else { throw .notUTF8 }
    }
}

@available(*, unavailable)
extension PartialInput: Sendable {}
