/// The answer to an opening handshake.
public enum HandshakeOutcome: Sendable {
    /// Send the acceptance's response; a `WebSocketSession` reads what follows.
    case accepted(HandshakeAcceptance)
    /// Send the refusal and close.
    case rejected(HTTPRejection)
}

/// An opening handshake that succeeded.
public struct HandshakeAcceptance: Sendable {
    /// The whole 101 response.
    public let response: [UInt8]

    /// The chosen subprotocol; nil where the client offered none.
    public let subprotocol: String?

    /// The agreed compression for the session; nil for none.
    public let deflate: DeflateParameters?
}
