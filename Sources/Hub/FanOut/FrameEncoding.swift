/// How a connection's messages become frames: the key by which subscribers share the same bytes.
enum FrameEncoding: Hashable {
    /// Uncompressed.
    case plain
    /// Compressed without a context, with this window; shared by everybody who negotiated the same.
    case deflated(windowBits: Int)
    /// Compressed with a context of the connection's own; shared by nobody.
    case own
}
