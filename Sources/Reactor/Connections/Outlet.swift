/// The sending side of a connection as a plain value: what a list of subscribers holds, so that walking it costs no
/// reference counting.
///
/// Confined to its loop, and good for as long as the loop lives; once the connection is over or finishing every call
/// does nothing.
public struct Outlet {
    // Lifetime: the slot's memory belongs to the loop's table, which is freed with the loop; the generation tells
    // whether the slot still is this connection's.
    private let slot: SlotPointer
    private let generation: UInt32

    init(_ slot: SlotPointer, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// Whether bytes queued now would be sent.
    @inline(__always)
    public var isOpen: Bool {
        slot.pointee.generation == generation && slot.pointee.phase == .open
    }

    /// Queues the run by reference; it goes out at the end of the turn, in order with everything else queued.
    public func share(_ run: borrowing ByteRun) {
        guard isOpen, run.count > 0 else { return }
        let ledger = slot.pointee.ledger
        assert(ledger.pointee.thread == .current, "an outlet belongs to its loop's thread")
        run.storage.retain()
        slot.enqueue(run.storage)
    }

    /// Queues a copy of the bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, bytes.count > 0 else { return }
        let ledger = slot.pointee.ledger
        assert(ledger.pointee.thread == .current, "an outlet belongs to its loop's thread")
        slot.enqueue(copying: bytes)
    }

    /// Queues a copy of the bytes.
    public func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Bytes the kernel has not taken yet.
    public var queuedBytes: Int {
        slot.pointee.generation == generation ? slot.unsentBytes : 0
    }

    /// When the oldest of them was queued; nil where none is.
    public var oldestQueued: MonotonicInstant? {
        guard slot.pointee.generation == generation else { return nil }
        return slot.oldestUnsent.map { MonotonicInstant(nanoseconds: $0) }
    }
}

@available(*, unavailable)
extension Outlet: Sendable {}
