/// What both sides agreed on for permessage-deflate (RFC 7692 §7.1). Four bytes.
public struct DeflateParameters: Sendable, Hashable {
    /// Whether the hub compresses each message without reference to earlier ones.
    public let serverNoContextTakeover: Bool

    /// Whether the client does.
    public let clientNoContextTakeover: Bool

    private let serverBits: UInt8
    private let clientBits: UInt8

    /// Base-two logarithm of the hub's compression window, 9…15.
    public var serverMaxWindowBits: Int { Int(serverBits) }

    /// Base-two logarithm of the client's compression window, 8…15.
    public var clientMaxWindowBits: Int { Int(clientBits) }

    /// Parameters of a connection; window bits outside of 9…15 (server) and 8…15 (client) are moved to the nearest.
    public init(
        serverNoContextTakeover: Bool = true,
        clientNoContextTakeover: Bool = true,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        serverBits = UInt8(min(max(serverMaxWindowBits, 9), 15))
        clientBits = UInt8(min(max(clientMaxWindowBits, 8), 15))
    }
}
