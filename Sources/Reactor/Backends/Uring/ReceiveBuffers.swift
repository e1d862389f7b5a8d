import CUring
import Glibc

/// The buffers the kernel receives into: one ring of them per loop, so that an idle connection owns none.
///
/// The kernel takes a buffer when bytes arrive and names it in the completion; it gets it back as soon as the handler has
/// seen the bytes. The kernel takes them in turn, so all that it has are touched sooner or later: it is given few at
/// first, which stay in the processor's cache, and more each time they have run out. Unsafe parts: ring and buffers are one mapping each, alive until the io_uring is gone.
final class ReceiveBuffers {
    /// The only group of this ring.
    static let group: UInt16 = 0

    private let entries: UnsafeMutableRawPointer
    private let memory: UnsafeMutableRawPointer
    private let size: Int
    private let count: Int
    /// How many the kernel has been given so far.
    private(set) var provided = 0
    private var hasGrown = false

    /// What it is given at first.
    private static let atFirst = 64

    init(size: Int, count: Int, in ring: UringRing) throws(SystemError) {
        self.size = size
        self.count = count
        let entriesLength = count * MemoryLayout<io_uring_buf>.stride
        guard let entries = Self.map(entriesLength) else { throw .current }
        guard let memory = Self.map(size * count) else {
            munmap(entries, entriesLength)
            throw .current
        }
        self.entries = entries
        self.memory = memory
        let result = apus_uring_register_buffers(ring.ring, entries, UInt32(count), Self.group)
        guard result == 0 else { throw SystemError(code: -result) }
        provide(min(Self.atFirst, count))
    }

    /// The ring must have been given up before.
    deinit {
        munmap(entries, count * MemoryLayout<io_uring_buf>.stride)
        munmap(memory, size * count)
    }

    @inline(__always)
    func bytes(of id: UInt16, count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: memory + Int(id) * size, count: count)
    }

    @inline(__always)
    func giveBack(_ id: UInt16) {
        apus_uring_provide(entries, memory + Int(id) * size, UInt32(size), id, UInt32(count))
    }

    /// They ran out: the kernel gets as many again, once a turn, until it has all.
    func ranOut() {
        guard !hasGrown else { return }
        hasGrown = true
        provide(min(provided, count - provided))
    }

    func turnBegins() {
        hasGrown = false
    }

    private func provide(_ more: Int) {
        for id in provided..<(provided + more) { giveBack(UInt16(id)) }
        provided += more
    }

    private static func map(_ length: Int) -> UnsafeMutableRawPointer? {
        let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return memory == MAP_FAILED ? nil : memory
    }
}
