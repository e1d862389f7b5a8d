import Glibc

/// Where the store gets its time from; tests put a clock of their own in its place.
protocol StoreClock: AnyObject, Sendable {
    /// Monotonic, in ns.
    var now: Int64 { get }
    /// The wall clock, in ms since 1970 UTC.
    var wallMilliseconds: Int64 { get }
    /// Whether a sleeper may rely on the kernel's timer; where not, it waits to be woken by `wakesWhenMoved`.
    var movesByItself: Bool { get }
    /// Asks to be called each time somebody has moved the clock.
    func wakesWhenMoved(_ wake: @escaping @Sendable () -> Void)
}

/// The kernel's clocks.
final class SystemClock: StoreClock {
    var now: Int64 { SystemClock.read(CLOCK_MONOTONIC) }
    var wallMilliseconds: Int64 { SystemClock.read(CLOCK_REALTIME) / 1_000_000 }
    var movesByItself: Bool { true }

    func wakesWhenMoved(_ wake: @escaping @Sendable () -> Void) {}

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds, as the store's clock counts them; at most 100 years.
    var wholeNanoseconds: Int64 {
        let parts = components
        let seconds = min(max(parts.seconds, 0), 100 * 365 * 86_400)
        return seconds * 1_000_000_000 + max(parts.attoseconds, 0) / 1_000_000_000
    }
}
