import Glibc

/// Owns the memory of a loop's connections: slots in chunks that never move, found by index.
///
/// Confined to its loop. The memory lives as long as the table, so a stale pointer into it can be told by its
/// generation; connections hold their loop, and the loop holds the table.
final class SlotTable {
    let ledger: LedgerPointer

    // Zeroed pages that the kernel backs only when a chunk is entered.
    private let directory: UnsafeMutablePointer<SlotPointer?>
    private var chunkCount = 0
    private var free: ContiguousArray<UInt32> = []
    private(set) var usedCount = 0

    private static let chunkBits: UInt32 = 8
    private static let chunkSize = 1 << 8
    private static let directorySize = 1 << 14

    init(highWater: Int, lowWater: Int) {
        ledger = .allocate(capacity: 1)
        ledger.initialize(to: LoopLedger(highWater: highWater, lowWater: lowWater))
        guard let memory = calloc(Self.directorySize, MemoryLayout<SlotPointer?>.stride) else {
            fatalError("out of memory for the table of connections")
        }
        directory = memory.bindMemory(to: SlotPointer?.self, capacity: Self.directorySize)
    }

    deinit {
        for chunk in 0..<chunkCount {
            directory[chunk]?.deinitialize(count: Self.chunkSize)
            directory[chunk]?.deallocate()
        }
        Glibc.free(directory)
        ledger.pointee.segments.deallocate()
        ledger.deinitialize(count: 1)
        ledger.deallocate()
    }

    /// A free slot, or nil where 4 million are in use.
    func take() -> SlotPointer? {
        if free.isEmpty, !grow() { return nil }
        guard let index = free.popLast() else { return nil }
        usedCount += 1
        return directory[Int(index >> Self.chunkBits)].map { $0 + Int(index & 0xFF) }
    }

    func give(_ slot: SlotPointer) {
        slot.pointee.generation = (slot.pointee.generation &+ 1) & 0xFF_FFFF
        slot.pointee.phase = .free
        usedCount -= 1
        free.append(slot.pointee.index)
    }

    /// The slot of that index if it is in use and of that generation.
    @inline(__always)
    func find(_ index: UInt32, generation: UInt32) -> SlotPointer? {
        let chunk = Int(index >> Self.chunkBits)
        guard chunk < chunkCount, let base = directory[chunk] else { return nil }
        let slot = base + Int(index & 0xFF)
        return slot.pointee.generation == generation && slot.pointee.phase != .free ? slot : nil
    }

    func forEachUsed(_ body: (SlotPointer) -> Void) {
        for chunk in 0..<chunkCount {
            guard let base = directory[chunk] else { continue }
            for offset in 0..<Self.chunkSize where base[offset].phase != .free { body(base + offset) }
        }
    }

    private func grow() -> Bool {
        guard chunkCount < Self.directorySize else { return false }
        let chunk = SlotPointer.allocate(capacity: Self.chunkSize)
        for offset in 0..<Self.chunkSize {
            let index = UInt32(chunkCount << Self.chunkBits | offset)
            (chunk + offset).initialize(to: ConnectionSlot(index: index, ledger: ledger))
        }
        directory[chunkCount] = chunk
        // Low indexes first, so that few connections stay close together.
        free.append(contentsOf: (0..<Self.chunkSize).reversed().map { UInt32(chunkCount << Self.chunkBits | $0) })
        chunkCount += 1
        return true
    }
}

@available(*, unavailable)
extension SlotTable: Sendable {}
