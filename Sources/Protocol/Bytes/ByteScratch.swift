/// Room for what must be rewritten before it can be looked at (strings with escapes): its bytes keep their
/// address until the next `reset`, so views of them stay valid that long.
///
/// It owns no memory until it is first written to, and keeps what it has for the next time. Unsafe memory,
/// freed with its owner; the views it hands out are borrowed like every `ByteView`.
struct ByteScratch: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer?
    private var used = 0
    private var needed = 0

    deinit {
        memory?.deallocate()
    }

    /// Forgets what was written. Until the next reset at most `capacity` bytes will be asked for.
    mutating func reset(capacity: Int) {
        used = 0
        needed = capacity
    }

    /// Reserves `count` bytes, lets `body` fill the front of them, and returns those that it says it filled.
    /// More bytes than announced at the reset are not given: `body` gets what is left.
    mutating func write(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> ByteView {
        if used == 0, (memory?.count ?? 0) < needed {
            memory?.deallocate()
            memory = .allocate(byteCount: Swift.max(needed, 256), alignment: 1)
        }
        guard let memory else { return .empty }
        let space = UnsafeMutableRawBufferPointer(rebasing: memory[used...].prefix(count))
        let filled = Swift.min(Swift.max(body(space), 0), space.count)
        used += filled
        return ByteView(UnsafeRawBufferPointer(rebasing: space[..<filled]))
    }
}
