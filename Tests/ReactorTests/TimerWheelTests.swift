import Testing

@testable import Reactor

@Suite struct TimerWheelTests {
    private final class Target: TimerTarget {
        func timerFired(_ tag: UInt32) {}
    }

    private static let start: UInt64 = 1_000_000_123

    /// Moves the wheel on and returns what fired.
    private func fired(_ wheel: inout TimerWheel, at nanoseconds: UInt64) -> [UInt32] {
        wheel.advance(to: MonotonicInstant(nanoseconds: nanoseconds))
        var tags: [UInt32] = []
        while let due = wheel.popDue() { tags.append(due.tag) }
        return tags
    }

    @Test(
        "A timer fires at the first tick at or after its deadline, never before",
        arguments: [
            0, 1, 999_999, 1_000_000, 5_000_000, 254_999_999, 255_000_000, 256_000_000, 257_000_001, 16_383_000_000,
            16_384_000_000, 16_385_000_000, 1_048_576_000_000, 67_108_864_000_000, 4_294_967_296_000_000,
            9_000_000_000_000_000,
        ] as [UInt64]
    )
    func neverEarly(_ delay: UInt64) throws {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: Self.start))
        let deadline = Self.start + delay
        _ = wheel.arm(at: MonotonicInstant(nanoseconds: deadline), target: Target(), tag: 7)
        // Only looks when it says it wants to: this also shows that `nextWake` never oversleeps.
        var looks = 0
        while true {
            let wake = try #require(wheel.nextWake)
            looks += 1
            if wake.nanoseconds < deadline {
                #expect(fired(&wheel, at: wake.nanoseconds) == [])
                continue
            }
            #expect(wake.nanoseconds - deadline <= 1_000_000)
            #expect(fired(&wheel, at: wake.nanoseconds) == [7])
            break
        }
        #expect(looks < 400)
        #expect(wheel.count == 0)
        #expect(wheel.nextWake == nil)
    }

    @Test("Timers fire in the order of their deadlines, those of one tick in the order they were armed")
    func order() {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: 0))
        for (tag, milliseconds) in [(1, 300), (2, 5), (3, 20_000), (4, 5), (5, 299)] as [(UInt32, UInt64)] {
            _ = wheel.arm(at: MonotonicInstant(nanoseconds: milliseconds * 1_000_000), target: Target(), tag: tag)
        }
        #expect(fired(&wheel, at: 30_000_000_000) == [2, 4, 5, 1, 3])
    }

    @Test("A cancelled timer does not fire; its handle cancels nobody else")
    func cancel() {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: 0))
        let first = wheel.arm(at: MonotonicInstant(nanoseconds: 10_000_000), target: Target(), tag: 1)
        let results = [wheel.cancel(first), wheel.cancel(first)]
        #expect(results == [true, false])
        let second = wheel.arm(at: MonotonicInstant(nanoseconds: 10_000_000), target: Target(), tag: 2)
        let isStaleCancelled = wheel.cancel(first)
        #expect(!isStaleCancelled)
        #expect(fired(&wheel, at: 20_000_000) == [2])
        let late = [wheel.cancel(second), wheel.cancel(TimerHandle(index: 99, generation: 1))]
        #expect(late == [false, false])
    }

    @Test("A due timer can still be cancelled by the one before it")
    func cancelDue() throws {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: 0))
        _ = wheel.arm(at: MonotonicInstant(nanoseconds: 1_000_000), target: Target(), tag: 1)
        let second = wheel.arm(at: MonotonicInstant(nanoseconds: 1_000_000), target: Target(), tag: 2)
        wheel.advance(to: MonotonicInstant(nanoseconds: 5_000_000))
        let first = wheel.popDue()
        #expect(first?.tag == 1)
        let isCancelled = wheel.cancel(second)
        #expect(isCancelled)
        let next = wheel.popDue()
        #expect(next == nil)
    }

    @Test("A timer armed for now fires at the next tick, so that one that re-arms itself cannot hold up a turn")
    func rearmAtOnce() {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: 5_000_000))
        _ = wheel.arm(at: MonotonicInstant(nanoseconds: 0), target: Target(), tag: 1)
        #expect(fired(&wheel, at: 5_900_000) == [])
        #expect(fired(&wheel, at: 6_000_000) == [1])
    }

    @Test("The wheel lets go of a target once its timer fired or was cancelled")
    func targetLifetime() {
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: 0))
        weak var firing: Target?
        weak var cancelled: Target?
        do {
            let one = Target()
            let other = Target()
            firing = one
            cancelled = other
            _ = wheel.arm(at: MonotonicInstant(nanoseconds: 1), target: one, tag: 1)
            wheel.cancel(wheel.arm(at: MonotonicInstant(nanoseconds: 1), target: other, tag: 2))
        }
        #expect(firing != nil)
        #expect(cancelled == nil)
        #expect(fired(&wheel, at: 2_000_000) == [1])
        #expect(firing == nil)
    }

    @Test(
        "Against a plain list: many timers armed, cancelled and fired at random",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func model(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var now: UInt64 = random.next() % 5_000_000_000_000
        var wheel = TimerWheel(now: MonotonicInstant(nanoseconds: now))
        var expected: [UInt32: (deadline: UInt64, handle: TimerHandle)] = [:]
        let target = Target()
        var tag: UInt32 = 0
        for _ in 0..<4000 {
            switch random.next() % 4 {
            case 0, 1:
                // Delays of all magnitudes: up to 2 ms, 2 s, 30 min, 20 days.
                let magnitude = [2_000_000, 2_000_000_000, 1_800_000_000_000, 1_728_000_000_000_000][
                    Int(random.next() % 4)
                ]
                let deadline = now + random.next() % UInt64(magnitude)
                let handle = wheel.arm(at: MonotonicInstant(nanoseconds: deadline), target: target, tag: tag)
                expected[tag] = (deadline, handle)
                tag += 1
            case 2:
                guard let victim = expected.keys.min() else { continue }
                let entry = expected.removeValue(forKey: victim)
                let isCancelled = entry.map { wheel.cancel($0.handle) }
                #expect(isCancelled == true)
            default:
                now += random.next() % [1_000_000, 300_000_000, 60_000_000_000][Int(random.next() % 3)]
                let due = Set(fired(&wheel, at: now))
                for (tag, entry) in expected where due.contains(tag) {
                    #expect(entry.deadline <= now, "fired early")
                }
                let late = expected.filter { !due.contains($0.key) && $0.value.deadline + 2_000_000 <= now }
                #expect(late.isEmpty, "not fired")
                for tag in due { #expect(expected.removeValue(forKey: tag) != nil, "fired twice or after cancelling") }
            }
            #expect(wheel.count == expected.count)
        }
        #expect(wheel.count > 0 || expected.isEmpty)
    }
}

/// Random numbers that are the same each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
