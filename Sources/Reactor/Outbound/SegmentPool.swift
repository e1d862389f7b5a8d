/// A loop's queue nodes, recycled. Slabs are freed with the loop, so a node's address is good for the loop's life.
struct SegmentPool {
    private var free: SegmentPointer?
    private var slabs: ContiguousArray<SegmentPointer> = []

    private static let slabSize = 256

    @inline(__always)
    mutating func take() -> SegmentPointer {
        if let segment = free {
            free = segment.pointee.next
            return segment
        }
        return grow()
    }

    @inline(__always)
    mutating func give(_ segment: SegmentPointer) {
        segment.pointee.next = free
        free = segment
    }

    mutating func deallocate() {
        for slab in slabs { slab.deallocate() }
        slabs = []
        free = nil
    }

    private mutating func grow() -> SegmentPointer {
        let slab = SegmentPointer.allocate(capacity: Self.slabSize)
        slabs.append(slab)
        for offset in stride(from: Self.slabSize - 1, to: 0, by: -1) {
            // A free node is only ever read through `next`; its run is set when it is taken.
            (slab + offset).pointer(to: \.next)?.initialize(to: free)
            free = slab + offset
        }
        return slab
    }
}
