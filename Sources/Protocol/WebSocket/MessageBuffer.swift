#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Bytes that grow as they come: a message in the making, or what was inflated.
///
/// It owns one malloc'd run, grown geometrically by what has really arrived and never by what a header promises.
/// The address changes only when bytes are added, so a view of the content is valid until then. One of the few files
/// with raw pointers.
struct MessageBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private(set) var count = 0
    private(set) var capacity = 0

    deinit {
        free(base)
    }

    /// The content, valid until bytes are added or the buffer ends.
    var view: ByteView { ByteView(UnsafeRawBufferPointer(start: base, count: count)) }

    /// The content from `start` on, which must lie in `0...count`.
    func view(from start: Int) -> ByteView { view[start..<count] }

    /// Forgets the content and keeps the memory, unless there is more of it than `keeping` bytes.
    mutating func removeAll(keeping: Int) {
        count = 0
        guard capacity > keeping else { return }
        free(base)
        base = nil
        capacity = 0
    }

    /// Forgets the first `prefix` bytes and moves the others to the front.
    mutating func removeFirst(_ prefix: Int) {
        precondition(prefix >= 0 && prefix <= count, "more bytes than there are")
        guard prefix > 0, let base else { return }
        count -= prefix
        memmove(base, base + prefix, count)
    }

    /// Forgets the last `suffix` bytes.
    mutating func removeLast(_ suffix: Int) {
        precondition(suffix >= 0 && suffix <= count, "more bytes than there are")
        count -= suffix
    }

    /// Appends a copy of `bytes`.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        withRoom(bytes.count) { room in
            room.copyMemory(from: UnsafeRawBufferPointer(start: source, count: bytes.count))
            return bytes.count
        }
    }

    /// Lets `fill` write into room for at least `minimum` bytes behind the content and say how many it wrote.
    mutating func withRoom(_ minimum: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        let (needed, overflow) = count.addingReportingOverflow(minimum)
        precondition(!overflow, "more bytes than can be addressed")
        if needed > capacity {
            let wanted = max(needed, capacity &* 2, 64)
            guard let moved = realloc(base, wanted) else { preconditionFailure("out of memory") }
            base = moved
            capacity = wanted
        }
        guard let base else { return }
        let written = fill(UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count))
        precondition(written >= 0 && written <= capacity - count, "wrote beyond the room")
        count += written
    }
}
