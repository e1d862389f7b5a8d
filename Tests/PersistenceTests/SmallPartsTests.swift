import HubCore
import Synchronization
import Testing

@testable import HubPersistence

@Suite("Small parts")
struct SmallPartsTests {
    @Test("backoff doubles from 100 ms to 2 s and starts over after a success")
    func backoff() {
        var backoff = Backoff.commits
        let waits = (0..<7).map { _ in backoff.failed() }
        #expect(waits == [100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
        #expect(backoff.failures == 7)
        backoff.succeeded()
        #expect(backoff.failures == 0)
        #expect(backoff.failed() == .milliseconds(100))
        var slow = Backoff.damage
        #expect((0..<8).map { _ in slow.failed() } == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    }

    @Test(
        "a condition survives its packing in one word",
        arguments: [
            StoreCondition.ready, .unavailable, .busy(retryAfter: 0), .busy(retryAfter: 5000),
        ]
    )
    func condition(_ condition: StoreCondition) {
        let cell = ConditionCell(.ready)
        cell.value = condition
        #expect(cell.value == condition)
        #expect(condition.isSame(as: condition))
        #expect(!condition.isSame(as: condition == .ready ? .unavailable : .ready))
    }

    @Test("buckets end at powers of two")
    func histogram() {
        var histogram = PowerHistogram()
        for value: Int64 in [-5, 0, 1, 2, 3, 4, 5, 1 << 24, (1 << 24) + 1, .max] { histogram.count(value) }
        #expect(histogram.buckets[0] == 3)
        #expect(histogram.buckets[1] == 1)
        #expect(histogram.buckets[2] == 2)
        #expect(histogram.buckets[3] == 1)
        #expect(histogram.buckets[24] == 1)
        #expect(histogram.buckets[25] == 2)
        #expect(histogram.count == 10)
        #expect(histogram.upperBound(of: 0) == 1)
        #expect(histogram.upperBound(of: 24) == 1 << 24)
        #expect(histogram.upperBound(of: 25) == nil)
    }

    @Test("epochs are 22 characters of base64url and never the same")
    func epochs() {
        let epochs = (0..<1000).map { _ in Starts.mintEpoch() }
        #expect(Set(epochs).count == 1000)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        #expect(epochs.allSatisfy { $0.count == 22 && allowed.isSuperset(of: $0) })
    }

    @Test("durations are whole nanoseconds within a hundred years")
    func durations() {
        #expect(Duration.milliseconds(5).wholeNanoseconds == 5_000_000)
        #expect(Duration.seconds(-5).wholeNanoseconds == 0)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == 100 * 365 * 86_400 * 1_000_000_000)
        #expect(Duration.milliseconds(50).busyMilliseconds == 50)
    }

    @Test("the kernel's clocks move forward and agree with the calendar")
    func clocks() {
        let clock = SystemClock()
        let before = clock.now
        #expect(clock.now >= before)
        #expect(clock.wallMilliseconds > 1_700_000_000_000)
    }

    @Test("a sleeper looks again when woken, and at its moment")
    func monitor() async {
        let clock = ManualClock()
        let monitor = Monitor(0, clock: clock)
        let woken = await withCheckedContinuation { reply in
            try? StoreThread.start("a name longer than fifteen bytes") {
                reply.resume(returning: monitor.sleep { state, _ in state == 0 ? .sleep(until: nil) : .done(state) })
            }
            monitor.withLock { $0 = 7 }
            monitor.wakeAll()
        }
        #expect(woken == 7)
        let moment = clock.now + 1_000_000
        let late: Bool = await withCheckedContinuation { reply in
            try? StoreThread.start("sleeper") {
                reply.resume(
                    returning: monitor.sleep { _, now in now >= moment ? .done(true) : .sleep(until: moment) }
                )
            }
            clock.advance(.milliseconds(1))
        }
        #expect(late)
    }

    @Test("a fault names what is wrong")
    func faults() {
        #expect(DiskFault.said(BrokenRule(sentence: "a rule")) == "a rule")
        #expect(DiskFault.said(ThreadFailure(name: "x", code: 11)).contains("11"))
        guard case .failed = DiskFault(ThreadFailure(name: "x", code: 11)) else {
            Issue.record("an unknown error is no fault of the schema")
            return
        }
    }
}
