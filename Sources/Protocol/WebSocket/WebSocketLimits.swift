/// What one WebSocket connection may make the hub hold, each in bytes or frames and checked before memory is spent.
///
/// Reaching a limit is allowed; the first byte or frame beyond it ends the connection with 1009.
public struct WebSocketLimits: Sendable, Hashable {
    /// The payload bytes one data frame may announce; default 256 KiB. Checked at the frame's header.
    public var maxFrameBytes: Int

    /// The bytes of one message, summed over its fragments and counted after inflation; default 256 KiB.
    public var maxMessageBytes: Int

    /// The frames one message may come in, the empty ones included; default 1024.
    public var maxFragments: Int

    /// Limits of a hub connection unless said otherwise.
    public init(
        maxFrameBytes: Int = 256 * 1024,
        maxMessageBytes: Int = 256 * 1024,
        maxFragments: Int = 1024
    ) {
        self.maxFrameBytes = maxFrameBytes
        self.maxMessageBytes = maxMessageBytes
        self.maxFragments = maxFragments
    }
}
