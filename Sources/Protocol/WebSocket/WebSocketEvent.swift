/// What a peer's bytes meant. The views lie in the receive buffer, in the session or in the codecs, and are valid
/// until the next call of `next(_:)` on any session that uses the same codecs, or until the receive buffer ends.
public enum WebSocketEvent {
    /// A whole text message; its bytes are valid UTF-8.
    case text(ByteView)
    /// A whole binary message.
    case binary(ByteView)
    /// A ping, at most 125 bytes; it is answered by `WebSocketFrame.appendPong` with the same bytes.
    case ping(ByteView)
    /// A pong, at most 125 bytes.
    case pong(ByteView)
    /// The peer's close frame, without a code where it carried none. Answer it with `answerClose(into:)`.
    case close(CloseCode?, reason: ByteView)
    /// The peer broke the protocol: `close(_:reason:into:)` with its code, then end the connection.
    case violation(ProtocolViolation)
}
