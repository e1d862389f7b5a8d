import Reactor
import Testing

@Suite struct LoopTimerTests {
    private final class Ticker: TimerTarget {
        private let loop: EventLoop
        private let log: EventLog
        private var deadline: MonotonicInstant?
        private var left = 10
        private var never: TimerHandle?

        init(_ loop: EventLoop, _ log: EventLog) {
            self.loop = loop
            self.log = log
        }

        func start() {
            deadline = loop.now.advanced(by: .milliseconds(3))
            _ = loop.schedule(after: .milliseconds(3), self, tag: 1)
            if let never { loop.cancel(never) }
            never = loop.schedule(after: .milliseconds(1), self, tag: 2)
            // Cancelled again before its tick, within the same turn.
            never.map { loop.cancel($0) }
        }

        func timerFired(_ tag: UInt32) {
            let isEarly = deadline.map { loop.now < $0 } ?? true
            log.add(.note(tag == 1 && !isEarly ? "on time" : "wrong: \(tag)"))
            left -= 1
            if left > 0 { start() }
        }
    }

    @Test("Timers fire on the loop, not early, and may arm others", arguments: BackendKind.allCases)
    func ticks(_ backend: BackendKind) throws {
        let log = EventLog()
        let loops = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration(backend: backend)) { loop in
            Ticker(loop, log).start()
        }
        let events = try log.wait { $0.count == 10 }
        #expect(events == Array(repeating: .note("on time"), count: 10))
        loops.stop()
        loops.join()
    }

    @Test("The clock of a turn and the wall clock", arguments: BackendKind.allCases)
    func clocks(_ backend: BackendKind) throws {
        let server = try TestServer(backend) { _ in nil }
        defer { server.stop() }
        let before = MonotonicInstant.current
        let (now, wall) = server.run { ($0.now, $0.wallMilliseconds) }
        let after = MonotonicInstant.current
        #expect(before.duration(to: now) > .seconds(-1) && now <= after)
        #expect(wall > 1_700_000_000_000)
    }
}
