/// What one HTTP connection may make the hub hold, in bytes or fields, each checked before memory is spent.
public struct HTTPLimits: Sendable, Hashable {
    /// The request target; default 8 KiB, beyond it 414.
    public var maxTargetBytes: Int

    /// The header fields of one request with their line ends; default 16 KiB, beyond it 431. Also bounds the trailer
    /// fields of a chunked body.
    public var maxHeaderBytes: Int

    /// The number of header fields; default 100, beyond it 431.
    public var maxHeaderCount: Int

    /// The body, announced or counted while it comes; default 1 MiB, beyond it 413.
    public var maxBodyBytes: Int

    /// Limits of the hub's API unless said otherwise.
    public init(
        maxTargetBytes: Int = 8 * 1024,
        maxHeaderBytes: Int = 16 * 1024,
        maxHeaderCount: Int = 100,
        maxBodyBytes: Int = 1024 * 1024
    ) {
        self.maxTargetBytes = maxTargetBytes
        self.maxHeaderBytes = maxHeaderBytes
        self.maxHeaderCount = maxHeaderCount
        self.maxBodyBytes = maxBodyBytes
    }
}
