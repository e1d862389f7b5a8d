/// The part of a loop that every queued byte touches, kept in plain memory so that sharing a run with a connection
/// costs no reference counting and no exclusivity check.
///
/// Lifetime: allocated and freed by `SlotTable`, like the slots that point at it; confined to the loop.
struct LoopLedger {
    var segments = SegmentPool()

    /// The loop's own, for checks in debug builds.
    let thread = LoopThread.Identity.current

    /// The turn's time in nanoseconds.
    var now: UInt64 = 0

    var highWater: Int
    var lowWater: Int

    var sends: UInt64 = 0
    var bytesOut: UInt64 = 0

    /// Connections that are to be sent for.
    private(set) var dirtyCount = 0

    /// Of these: turns later than their first that queued more.
    var joined = 0

    private var firstDirty: SlotPointer?
    private var lastDirty: SlotPointer?

    init(highWater: Int, lowWater: Int) {
        self.highWater = highWater
        self.lowWater = lowWater
    }

    var hasDirty: Bool { firstDirty != nil }

    /// Puts the connection on the list of those that this turn's end sends for.
    @inline(__always)
    mutating func markDirty(_ slot: SlotPointer) {
        if slot.pointee.isDirty {
            if slot.pointee.dirtyAt != now {
                slot.pointee.dirtyAt = now
                joined &+= 1
            }
            return
        }
        slot.pointee.isDirty = true
        slot.pointee.dirtyAt = now
        dirtyCount &+= 1
        slot.pointee.nextDirty = nil
        if let lastDirty { lastDirty.pointee.nextDirty = slot } else { firstDirty = slot }
        lastDirty = slot
    }

    /// The oldest of them; it may be marked again at once.
    @inline(__always)
    mutating func nextDirty() -> SlotPointer? {
        guard let slot = firstDirty else { return nil }
        firstDirty = slot.pointee.nextDirty
        if firstDirty == nil { lastDirty = nil }
        slot.pointee.isDirty = false
        dirtyCount &-= 1
        return slot
    }
}

typealias LedgerPointer = UnsafeMutablePointer<LoopLedger>
