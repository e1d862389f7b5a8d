import Testing

@testable import Reactor

@Suite struct LoopStatisticsTests {
    @Test("Turn times fall into buckets of powers of two of a microsecond")
    func histogram() {
        let cases: [(nanoseconds: UInt64, bucket: Int)] = [
            (0, 0), (999, 0), (1000, 1), (1999, 1), (2000, 2), (3999, 2), (4000, 3), (1_023_999, 10), (1_024_000, 11),
            (4_194_303_999, 22), (4_194_304_000, 23), (.max, 23),
        ]
        for (nanoseconds, bucket) in cases {
            var histogram = TurnTimeHistogram()
            histogram.record(nanoseconds: nanoseconds)
            #expect(histogram.buckets[bucket] == 1, "\(nanoseconds)")
            #expect(histogram.totalNanoseconds == nanoseconds)
            #expect(histogram.longestNanoseconds == nanoseconds)
        }
    }

    @Test("Instants stop at the ends of the clock")
    func instants() {
        let instant = MonotonicInstant(nanoseconds: 5_000_000_000)
        #expect(instant.advanced(by: .milliseconds(1)).nanoseconds == 5_001_000_000)
        #expect(instant.advanced(by: .seconds(-6)).nanoseconds == 0)
        #expect(MonotonicInstant(nanoseconds: .max).advanced(by: .seconds(1)).nanoseconds == .max)
        #expect(instant.advanced(by: .seconds(Int64.max)).nanoseconds == 5_000_000_000 + UInt64(Int64.max))
        #expect(instant.advanced(by: .seconds(Int64.min)).nanoseconds == 0)
        #expect(instant.duration(to: MonotonicInstant(nanoseconds: 4_000_000_000)) == .seconds(-1))
        #expect(instant.duration(to: MonotonicInstant(nanoseconds: 7_000_000_000)) == .seconds(2))
        #expect(instant < instant.advanced(by: .nanoseconds(1)))
    }

    @Test("The limit on open files is raised to the hard one")
    func openFiles() {
        let raised = OpenFileLimit.raise()
        #expect(raised > 0)
        #expect(OpenFileLimit.raise() == raised)
    }
}
