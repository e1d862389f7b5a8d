import CUring
import Glibc

/// A submission and a completion queue shared with the kernel, on the thread that made them.
///
/// Unsafe parts: the `io_uring` structure is allocated once, never moves, and is handed back to the library before it is
/// freed. Every `prepare…` makes room first, so an entry is always there.
final class UringRing {
    let ring: UnsafeMutablePointer<io_uring>

    /// Completions taken out of a full queue before their turn.
    private var early: ContiguousArray<apus_uring_completion> = []
    private var earlyRead = 0
    private var isClosed = false

    /// Best first: task work only when this thread asks for it (Linux 6.1), then without interrupts (5.19), then plain.
    private static let flagSets: [UInt32] = [
        UInt32(IORING_SETUP_SINGLE_ISSUER) | UInt32(IORING_SETUP_DEFER_TASKRUN) | UInt32(IORING_SETUP_SUBMIT_ALL),
        UInt32(IORING_SETUP_COOP_TASKRUN) | UInt32(IORING_SETUP_SUBMIT_ALL),
        0,
    ]

    /// What the loops count on: completions are never dropped, a send's vector is read at submission, waits take a time.
    private static let neededFeatures =
        UInt32(IORING_FEAT_NODROP) | UInt32(IORING_FEAT_SUBMIT_STABLE) | UInt32(IORING_FEAT_EXT_ARG)

    /// Completions outnumber submissions: a multishot operation makes many of them.
    private static let completionsPerSubmission: UInt32 = 4

    init(entries: Int) throws(SystemError) {
        ring = .allocate(capacity: 1)
        ring.initialize(to: io_uring())
        var result = -EINVAL
        for flags in Self.flagSets where result == -EINVAL {
            var parameters = io_uring_params()
            parameters.flags = flags | UInt32(IORING_SETUP_CQSIZE) | UInt32(IORING_SETUP_CLAMP)
            parameters.cq_entries = UInt32(clamping: entries) &* Self.completionsPerSubmission
            result = io_uring_queue_init_params(UInt32(clamping: entries), ring, &parameters)
        }
        // `deinit` runs after each of these throws, too.
        guard result == 0 else {
            isClosed = true
            throw SystemError(code: -result)
        }
        guard ring.pointee.features & Self.neededFeatures == Self.neededFeatures else {
            throw SystemError(code: ENOSYS)
        }
        // Saves looking up the descriptor at each call; where it fails nothing else changes.
        io_uring_register_ring_fd(ring)
    }

    deinit {
        close()
        ring.deallocate()
    }

    /// Gives the ring back to the kernel, which drops what is still pending. On the ring's own thread.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        io_uring_queue_exit(ring)
    }

    /// Submits everything prepared and sleeps until a completion is there; nil: without limit. A negative result is an errno.
    func enter(nanoseconds: Int64?) -> Int32 {
        apus_uring_enter(ring, earlyRead < early.count ? 0 : nanoseconds ?? -1)
    }

    /// The oldest completion.
    @inline(__always)
    func next(_ completion: inout apus_uring_completion) -> Bool {
        if earlyRead < early.count {
            completion = early[earlyRead]
            earlyRead += 1
            if earlyRead == early.count {
                early.removeAll(keepingCapacity: true)
                earlyRead = 0
            }
            return true
        }
        return apus_uring_next(ring, &completion)
    }

    /// How many are there now.
    var ready: Int { Int(apus_uring_ready(ring)) + early.count - earlyRead }

    /// Sees to it that an entry is free.
    @inline(__always)
    func makeRoom() {
        if apus_uring_space(ring) == 0 { submit() }
    }

    /// The queue is full: what is prepared goes now. Where the kernel refuses for a full completion queue or for want of
    /// memory, completions are taken out first, to be looked at when their turn comes.
    private func submit() {
        while true {
            let result = io_uring_submit(ring)
            if apus_uring_space(ring) > 0 { return }
            switch -result {
            case EBUSY, EAGAIN:
                var completion = apus_uring_completion()
                while apus_uring_next(ring, &completion) { early.append(completion) }
                sched_yield()
            case EINTR:
                continue
            default:
                fatalError("io_uring refuses submissions: \(SystemError(code: -result))")
            }
        }
    }
}
