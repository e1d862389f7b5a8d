import Glibc
import Synchronization

/// Where the loops of one start meet: none turns before all are set up, and one that fails fails them all.
final class LoopStart: Sendable {
    private struct State {
        var missing: Int
        var error: (any Error)?
    }

    private let state: Mutex<State>
    /// Opened by whoever makes the outcome certain.
    private let gate = Gate()

    init(count: Int) {
        state = Mutex(State(missing: count))
    }

    func succeed() {
        let isCertain = state.withLock { state in
            state.missing -= 1
            return state.missing == 0
        }
        if isCertain { gate.open() }
    }

    /// The first error counts.
    func fail(_ error: any Error) {
        state.withLock { state in
            if state.error == nil { state.error = error }
        }
        gate.open()
    }

    /// Waits until it is certain; nil: all loops are set up.
    func outcome() -> (any Error)? {
        gate.wait()
        return state.withLock { $0.error }
    }
}

/// Closed at first, open for ever after.
private final class Gate: Sendable {
    // Safety: a POSIX semaphore, which any thread may post and wait for; initialised here, destroyed with the gate.
    private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() {
        sem_post(semaphore)
    }

    func wait() {
        while sem_wait(semaphore) != 0 {}
        sem_post(semaphore)
    }
}
