/// What a WebSocket endpoint accepts in an opening handshake.
public struct HandshakePolicy: Sendable {
    /// The subprotocols served here. A client that offers none is accepted without one; a client that offers only
    /// others gets 400. Where none are served, offers are passed over.
    public var subprotocols: [String]

    /// Origins of web pages allowed besides the endpoint's own host, as `https://app.example.com[:port]`.
    public var allowedOrigins: [String]

    /// Whether the request is known to have come through TLS. The own host's pages then must have come through TLS,
    /// too: one that did not may be somebody else's. Where it is not known, as behind a proxy, the scheme is not looked at.
    public var isEncrypted = false

    /// What is granted of permessage-deflate; nil declines every offer.
    public var deflate: DeflatePolicy?

    /// A policy; by default without subprotocols, for the own host's pages, with permessage-deflate.
    public init(
        subprotocols: [String] = [],
        allowedOrigins: [String] = [],
        deflate: DeflatePolicy? = DeflatePolicy()
    ) {
        self.subprotocols = subprotocols
        self.allowedOrigins = allowedOrigins
        self.deflate = deflate
    }
}
