import Glibc

/// The machine's monotonic clock in nanoseconds; the same for every process of the machine.
enum Clock {
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension UInt64 {
    init(seconds: Double) {
        self = UInt64(seconds * 1e9)
    }

    var seconds: Double { Double(self) * 1e-9 }
}
