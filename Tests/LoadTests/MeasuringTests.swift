import Testing

@testable import apus_load

@Suite("How the load measures")
struct MeasuringTests {
    @Test("A stamp reads back as it was written, and nothing else is one")
    func stamps() {
        let stamp = Stamp(sender: 37, sequence: 123_456, due: 1_234_567_890_123_456_789)
        let text = Array(stamp.text(padding: "xyz").utf8)
        #expect(text.count == Stamp.length + 3)
        #expect(text.withUnsafeBytes(Stamp.read) == stamp)
        for index in [0, 4, 10, 15, 20, 35] {
            var broken = text
            broken[index] = UInt8(ascii: "!")
            #expect(broken.withUnsafeBytes(Stamp.read) == nil)
        }
        #expect(text.prefix(Stamp.length - 1).withUnsafeBytes(Stamp.read) == nil)
    }

    @Test("Percentiles are within three digits; a latency runs from when the message was due")
    func percentiles() {
        var latencies = Latencies()
        for value in 1...1000 { latencies.record(from: 5_000_000, to: 5_000_000 + UInt64(value) * 1_000_000) }
        #expect(latencies.count == 1000)
        for (percentile, expected) in [(50.0, 500.0), (99, 990), (100, 1000)] {
            let found = latencies.milliseconds(percentile: percentile)
            #expect(abs(found - expected) / expected < 0.002, "p\(percentile) is \(found)")
        }
        latencies.reset()
        #expect(latencies.milliseconds(percentile: 99) == 0)
    }

    @Test("A clock that seems to run backwards counts as the least")
    func backwards() {
        var latencies = Latencies()
        latencies.record(from: 10_000, to: 5_000)
        #expect(latencies.milliseconds(percentile: 100) == 0.001)
    }

    @Test("A pace owes every message of a stall, each when it was due: coordinated omission is not left out")
    func pace() {
        var pace = Pace(perSecond: 1000, from: 0)
        #expect(pace.take(at: 0) == 0)
        #expect(pace.take(at: 999_999) == nil)
        var owed: [UInt64] = []
        while let due = pace.take(at: 5_000_000) { owed.append(due) }
        #expect(owed == [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000])
        #expect(pace.next == 6_000_000)
    }

    @Test("A report is one line of JSON, its numbers finite")
    func report() {
        #expect(
            Report.line([("name", .text("x")), ("a", .number(1.234567)), ("b", .number(.nan))])
                == #"{"name":"x","a":1.2346,"b":0.0}"#
        )
    }
}
