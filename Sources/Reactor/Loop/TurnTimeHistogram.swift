/// How long a loop's turns took, in power-of-two buckets of microseconds.
///
/// A turn's time runs from its wake-up to the moment it hands its sends to the kernel; sleeping does not count.
public struct TurnTimeHistogram: Sendable {
    /// Turns per bucket: bucket 0 holds those under 1 µs, bucket n those from 2^(n−1) up to below 2^n µs,
    /// the last one everything from 2^22 µs (4.2 s) on.
    public private(set) var buckets = InlineArray<24, UInt64>(repeating: 0)

    /// All turns' time together, in nanoseconds.
    public private(set) var totalNanoseconds: UInt64 = 0

    /// The longest turn, in nanoseconds.
    public private(set) var longestNanoseconds: UInt64 = 0

    mutating func record(nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1000
        let bucket = min(UInt64.bitWidth - microseconds.leadingZeroBitCount, buckets.count - 1)
        buckets[bucket] &+= 1
        totalNanoseconds &+= nanoseconds
        longestNanoseconds = max(longestNanoseconds, nanoseconds)
    }
}
