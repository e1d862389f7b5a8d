import CLinux
import Glibc
import Synchronization

/// What other threads may touch of a loop: whether it sleeps, and the eventfd that ends its sleep.
///
/// A poster first leaves its message and sets `mail`, then looks whether the loop sleeps; the loop first says that it
/// sleeps, then looks at `mail`. Both orders are sequentially consistent, so one of the two always sees the other, and
/// a loop that is awake or already woken costs a poster no system call.
final class LoopSignal: Sendable {
    private static let awake: UInt8 = 0
    private static let asleep: UInt8 = 1
    private static let woken: UInt8 = 2

    /// Blocking: io_uring reads it with a pending operation, epoll only when it is readable.
    let descriptor: Int32
    private let state = Atomic<UInt8>(awake)
    private let mail = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)

    init() throws(ReactorError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw ReactorError("No eventfd for a loop: \(SystemError.current).") }
    }

    deinit {
        Glibc.close(descriptor)
    }

    // MARK: Any thread

    func mailArrived() {
        mail.store(true, ordering: .sequentiallyConsistent)
        wake()
    }

    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake()
    }

    private func wake() {
        let (exchanged, _) = state.compareExchange(
            expected: Self.asleep,
            desired: Self.woken,
            ordering: .sequentiallyConsistent
        )
        guard exchanged else { return }
        var one: UInt64 = 1
        _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: The loop's thread

    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// Whether the loop may sleep now; where not, there is mail or a stop.
    func fallAsleep() -> Bool {
        state.store(Self.asleep, ordering: .sequentiallyConsistent)
        let isNeeded =
            mail.load(ordering: .sequentiallyConsistent) || stopped.load(ordering: .sequentiallyConsistent)
        if isNeeded { state.store(Self.awake, ordering: .sequentiallyConsistent) }
        return !isNeeded
    }

    func wakeUp() {
        state.store(Self.awake, ordering: .sequentiallyConsistent)
    }

    /// Whether mail came since the last call.
    func takeMail() -> Bool {
        // The plain load first: an exchange would pull the cache line over each turn.
        mail.load(ordering: .relaxed) && mail.exchange(false, ordering: .sequentiallyConsistent)
    }

    var hasMail: Bool { mail.load(ordering: .relaxed) }
}
