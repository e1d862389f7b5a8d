/// What a backend hands to the kernel to recognise an event by: the operation (8 bits), the generation (24 bits) and the
/// index (32 bits) of the slot or listener it belongs to.
///
/// The generation keeps an event of a closed descriptor from reaching whoever has its slot now.
struct EventTag: RawRepresentable {
    enum Operation: UInt8 {
        case wake = 1
        case accept
        case receive
        case send
        case hangUp
        case cancel
        case forget
    }

    let rawValue: UInt64

    @inline(__always)
    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    @inline(__always)
    init(_ operation: Operation, index: UInt32 = 0, generation: UInt32 = 0) {
        rawValue = UInt64(operation.rawValue) << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(index)
    }

    @inline(__always)
    init(_ operation: Operation, _ slot: SlotPointer) {
        self.init(operation, index: slot.pointee.index, generation: slot.pointee.generation)
    }

    @inline(__always)
    var operation: Operation? { Operation(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }

    @inline(__always)
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & 0xFF_FFFF }

    @inline(__always)
    var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
