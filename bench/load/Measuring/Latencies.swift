import Histogram

/// Latencies in an HdrHistogram: microseconds from 1 to a minute, three significant digits.
///
/// Recorded from when a message was due (`Stamp`), so nothing has to be corrected afterwards, except where a closed
/// loop has no schedule: there the time is that of the round trip alone, and reports say so.
struct Latencies {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000,
        numberOfSignificantValueDigits: .three
    )

    var count: UInt64 { histogram.totalCount }

    mutating func record(from due: UInt64, to now: UInt64) {
        let microseconds = now > due ? (now - due) / 1000 : 0
        histogram.record(min(max(microseconds, 1), 60_000_000))
    }

    mutating func reset() {
        histogram.reset()
    }

    /// In milliseconds.
    func milliseconds(percentile: Double) -> Double {
        count == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1000
    }

    /// The members of a report: `p50_ms`, `p90_ms`, `p99_ms`, `p999_ms`, `max_ms`, each behind the prefix.
    func members(prefix: String = "") -> [(String, Report.Value)] {
        [("p50", 50.0), ("p90", 90), ("p95", 95), ("p99", 99), ("p999", 99.9), ("max", 100)].map { name, percentile in
            ("\(prefix)\(name)_ms", .number(milliseconds(percentile: percentile)))
        }
    }
}
