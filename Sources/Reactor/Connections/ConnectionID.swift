/// Names one connection for the life of the process: the loop that owns it, its slot there, and the slot's generation.
///
/// Safe to keep and to send anywhere; after the connection is closed it names nothing. A slot's generation
/// wraps after 16 million connections in that slot.
public struct ConnectionID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// Loop index (8 bits), generation (24 bits), slot (32 bits), from the top down.
    public let rawValue: UInt64

    /// Takes back a packed identity.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(loop: Int, generation: UInt32, slot: UInt32) {
        rawValue = UInt64(UInt8(truncatingIfNeeded: loop)) << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(slot)
    }

    /// Index of the owning loop.
    public var loop: Int { Int(rawValue >> 56) }

    /// For logs: loop, slot and generation.
    public var description: String { "\(loop)-\(slot)-\(generation)" }

    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & 0xFF_FFFF }

    var slot: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
