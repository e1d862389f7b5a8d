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

    /// An acceptance made of parts that are taken as they are.
    public init(response: [UInt8], subprotocol: String?, deflate: DeflateParameters?) {
        self.response = response
        self.subprotocol = subprotocol
        self.deflate = deflate
    }
}
