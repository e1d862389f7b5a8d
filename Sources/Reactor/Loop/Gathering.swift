/// Whether a turn's sends go out at once or wait for more to join them.
///
/// The kernel's send is nearly all that a delivery costs, and one send of several messages costs little more than one of
/// one. So a loop that is busy leaves `limit` between its sends: what is ready earlier waits, and the loop goes on
/// reading. Nothing waits where
/// - the loop is less than half busy, or its last sends were longer ago than the limit: sending for many connections
///   takes that long by itself, and messages gather meanwhile without waiting;
/// - waiting did not pay: fewer than half as many messages joined as connections were waiting. Then it is not tried
///   again for 8 ms, and for twice as long each time it fails again, up to a second.
///
/// No clock, no loop: times come in as nanoseconds, decisions go out.
struct Gathering {
    /// The most that waiting adds; 0 switches it off.
    let limit: UInt64

    /// When what waits has to go; nil where nothing waits.
    private(set) var deadline: UInt64?

    /// Times sends were held back.
    private(set) var holds: UInt64 = 0

    /// Sends that were spared because messages joined others.
    private(set) var spared: UInt64 = 0

    private var lastFlush: UInt64 = 0
    private var restsUntil: UInt64 = 0
    private var rest: UInt64 = 0
    private var load = LoadSample()

    private static let shortestRest: UInt64 = 8_000_000
    private static let longestRest: UInt64 = 1_000_000_000

    init(limit: Duration) {
        self.limit = UInt64(max(0, limit.wholeNanoseconds))
    }

    /// At the end of a turn that has something to send: true where it is to wait.
    ///
    /// `cpu` is the thread's CPU time; it is read once a millisecond at most.
    mutating func isToWait(at now: UInt64, waiting: Int, joined: Int, cpu: () -> UInt64) -> Bool {
        guard limit > 0 else { return false }
        if let deadline {
            guard now >= deadline else { return true }
            finish(at: now, waiting: waiting, joined: joined)
            return false
        }
        let isBusy = load.isBusy(at: now, cpu: cpu)
        let earliest = lastFlush &+ limit
        guard isBusy, now < earliest, now >= restsUntil else {
            lastFlush = now
            return false
        }
        deadline = earliest
        holds &+= 1
        return true
    }

    /// Nothing waits any more: every connection that did is gone.
    mutating func cancel() {
        deadline = nil
    }

    private mutating func finish(at now: UInt64, waiting: Int, joined: Int) {
        deadline = nil
        lastFlush = now
        spared &+= UInt64(joined)
        if joined * 2 >= waiting {
            rest = 0
        } else {
            rest = min(max(rest &* 2, Self.shortestRest), Self.longestRest)
            restsUntil = now &+ rest
        }
    }
}

/// Whether a thread was busy for half of the time, looked at once a millisecond.
private struct LoadSample {
    private var takenAt: UInt64 = 0
    private var cpuThen: UInt64 = 0
    private var wasBusy = false

    private static let interval: UInt64 = 1_000_000

    mutating func isBusy(at now: UInt64, cpu: () -> UInt64) -> Bool {
        let past = now &- takenAt
        guard past >= Self.interval else { return wasBusy }
        let used = cpu()
        wasBusy = takenAt > 0 && (used &- cpuThen) &* 2 >= past
        takenAt = now
        cpuThen = used
        return wasBusy
    }
}
