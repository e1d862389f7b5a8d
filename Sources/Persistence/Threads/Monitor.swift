import Glibc

/// A lock with a condition variable around one piece of state, for the few places where a store thread sleeps
/// until something has changed or a moment has come.
///
/// The state is touched only inside the closures given here, which run under the lock and must be short: no
/// disk, no callbacks.
final class Monitor<State>: @unchecked Sendable {
    // Sendable: `state` is reached only with `mutex` held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var state: State
    private let clock: any StoreClock

    init(_ state: sending State, clock: any StoreClock) {
        self.state = state
        self.clock = clock
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        clock.wakesWhenMoved { [weak self] in self?.wakeAll() }
    }

    deinit {
        pthread_cond_destroy(changed)
        changed.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Reads or changes the state. Who sleeps is not woken by this: call `wakeOne` or `wakeAll` where it matters.
    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Wakes one thread that sleeps in `sleep`.
    func wakeOne() {
        pthread_cond_signal(changed)
    }

    /// Wakes every thread that sleeps in `sleep`; none that is about to sleep is missed.
    func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// What a sleeper decided when it looked at the state.
    enum Look<Result> {
        /// It has what it came for.
        case done(Result)
        /// Look again when woken, or at this moment of the clock.
        case sleep(until: Int64?)
    }

    /// Looks at the state, and sleeps and looks again until it is done.
    func sleep<Result>(_ look: (_ state: inout State, _ now: Int64) -> Look<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch look(&state, clock.now) {
            case .done(let result):
                return result
            case .sleep(let moment):
                if let moment, clock.movesByItself {
                    var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
                    pthread_cond_timedwait(changed, mutex, &time)
                } else {
                    pthread_cond_wait(changed, mutex)
                }
            }
        }
    }
}
