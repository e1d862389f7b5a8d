/// What a frame is (RFC 6455 §5.2). The values 3–7 and 11–15 are reserved and have no case.
public enum WebSocketOpcode: UInt8, Sendable {
    /// A further fragment of the message under way.
    case continuation = 0
    /// The first or only frame of a text message.
    case text = 1
    /// The first or only frame of a binary message.
    case binary = 2
    /// The close frame.
    case close = 8
    /// A ping.
    case ping = 9
    /// A pong.
    case pong = 10

    /// Whether it is a control frame: at most 125 bytes, never fragmented, allowed between fragments.
    public var isControl: Bool { rawValue >= 8 }
}
