/// Whether a loop has stopped accepting for lack of descriptors, and when that was last said in the log.
struct AcceptPause {
    /// Armed while accepting is paused.
    var timer: TimerHandle?
    private var lastLogged: MonotonicInstant?

    /// A loop at its limit would say so twenty times a second.
    private static let logInterval: Duration = .seconds(60)

    mutating func isToBeLogged(at now: MonotonicInstant) -> Bool {
        if let lastLogged, lastLogged.duration(to: now) < Self.logInterval { return false }
        lastLogged = now
        return true
    }
}

/// Calls the loop when the pause is over. Held by the wheel, which the loop owns.
final class AcceptRetry: TimerTarget {
    private unowned let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func timerFired(_ tag: UInt32) {
        loop.retryAccepting()
    }
}
