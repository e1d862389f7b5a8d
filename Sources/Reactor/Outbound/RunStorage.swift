import Glibc

/// The header in front of a byte run: `malloc`'d, counted without atomics, confined to one loop.
///
/// Lifetime: whoever holds a pointer holds one of its `references`; the last `release()` frees header and bytes.
struct RunStorage {
    var references: Int
    var capacity: Int
    var count: Int
}

typealias RunPointer = UnsafeMutablePointer<RunStorage>

extension UnsafeMutablePointer<RunStorage> {
    /// An empty run that holds one reference.
    static func make(capacity: Int) -> RunPointer {
        guard let memory = malloc(MemoryLayout<RunStorage>.size + capacity) else {
            fatalError("out of memory for a byte run of \(capacity) bytes")
        }
        let run = memory.bindMemory(to: RunStorage.self, capacity: 1)
        run.initialize(to: RunStorage(references: 1, capacity: capacity, count: 0))
        return run
    }

    static func make(copying bytes: UnsafeRawBufferPointer, capacity: Int) -> RunPointer {
        let run = make(capacity: capacity)
        run.append(bytes)
        return run
    }

    var bytes: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self + 1) }

    var room: Int { pointee.capacity - pointee.count }

    /// There must be room.
    func append(_ source: UnsafeRawBufferPointer) {
        guard let base = source.baseAddress else { return }
        memcpy(bytes + pointee.count, base, source.count)
        pointee.count += source.count
    }

    /// The run may move; the caller holds the only reference.
    func grown(to capacity: Int) -> RunPointer {
        guard let memory = realloc(self, MemoryLayout<RunStorage>.size + capacity) else {
            fatalError("out of memory for a byte run of \(capacity) bytes")
        }
        let run = memory.assumingMemoryBound(to: RunStorage.self)
        run.pointee.capacity = capacity
        return run
    }

    @inline(__always)
    func retain() {
        pointee.references &+= 1
    }

    @inline(__always)
    func release() {
        pointee.references &-= 1
        if pointee.references == 0 { free(self) }
    }
}
