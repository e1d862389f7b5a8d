/// What an endpoint grants of permessage-deflate when a client offers it.
///
/// The default compresses each message on its own in both directions, so that a message is deflated once for all of
/// its readers and an idle connection holds no compression state. A client's wish for a smaller window is always
/// honoured.
public struct DeflatePolicy: Sendable, Hashable {
    /// Whether the hub may refer to its earlier messages. It then deflates for that connection alone and keeps
    /// up to 256 KiB for it. Default false.
    public var serverContextTakeover: Bool

    /// Whether the client may refer to its earlier messages. The hub then keeps up to 44 KiB for that connection.
    /// Default false.
    public var clientContextTakeover: Bool

    /// The largest window the hub compresses with, 9…15; default 15.
    public var serverMaxWindowBits: Int

    /// The largest window the client is asked to use where it can be asked, 8…15; default 15.
    public var clientMaxWindowBits: Int

    /// Each message on its own and windows of 32 KiB unless said otherwise.
    public init(
        serverContextTakeover: Bool = false,
        clientContextTakeover: Bool = false,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15
    ) {
        self.serverContextTakeover = serverContextTakeover
        self.clientContextTakeover = clientContextTakeover
        self.serverMaxWindowBits = min(max(serverMaxWindowBits, 9), 15)
        self.clientMaxWindowBits = min(max(clientMaxWindowBits, 8), 15)
    }

    /// Takes what the client wants and nothing less: context takeover both ways. For conformance suites.
    public static let asOffered = DeflatePolicy(serverContextTakeover: true, clientContextTakeover: true)
}
