import Glibc

/// A point of the machine's monotonic clock (`CLOCK_MONOTONIC`), in nanoseconds.
public struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
    /// Nanoseconds since an arbitrary point before the process began.
    public let nanoseconds: UInt64

    /// The instant that many nanoseconds after the clock's zero.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than any other.
    static let distantFuture = MonotonicInstant(nanoseconds: .max)

    /// Reads the clock; on a loop's thread `EventLoop.now` costs nothing.
    public static var current: MonotonicInstant {
        MonotonicInstant(nanoseconds: Clock.nanoseconds(of: CLOCK_MONOTONIC))
    }

    /// The instant that much later; stops at the ends of the clock.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        let distance = duration.wholeNanoseconds
        if distance < 0 {
            let (sum, overflow) = nanoseconds.subtractingReportingOverflow(distance.magnitude)
            return MonotonicInstant(nanoseconds: overflow ? 0 : sum)
        }
        let (sum, overflow) = nanoseconds.addingReportingOverflow(distance.magnitude)
        return MonotonicInstant(nanoseconds: overflow ? .max : sum)
    }

    /// The time from this instant to the other, negative where the other is earlier.
    public func duration(to other: MonotonicInstant) -> Duration {
        other.nanoseconds >= nanoseconds
            ? .nanoseconds(Int64(clamping: other.nanoseconds - nanoseconds))
            : .nanoseconds(-Int64(clamping: nanoseconds - other.nanoseconds))
    }

    /// Orders by time.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// The two clocks a turn reads.
enum Clock {
    static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
    }

    static var wallMilliseconds: Int64 {
        Int64(clamping: nanoseconds(of: CLOCK_REALTIME) / 1_000_000)
    }
}

extension Duration {
    /// Saturated at ±292 years.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }
}
