import Glibc

/// One turn after the other.
extension EventLoop {
    /// Rounds of hooks in one turn; what is left then waits for the next turn.
    private static let hookRounds = 4

    func run() {
        while !isStopping, !signal.isStopped { turn() }
        wind()
    }

    private func turn() {
        sleep()
        let began = MonotonicInstant.current
        now = began
        wallMilliseconds = Clock.wallMilliseconds
        table.ledger.pointee.now = began.nanoseconds

        backend.dispatch(self)
        deliverMail()
        fireTimers()
        owesHooks = false
        settle()
        if !holdsSends() { backend.flush(self) }

        counters.turns &+= 1
        counters.turnTimes.record(nanoseconds: MonotonicInstant.current.nanoseconds &- began.nanoseconds)
    }

    /// Whether what this turn queued waits for more to be sent together.
    private func holdsSends() -> Bool {
        let ledger = table.ledger
        guard ledger.pointee.hasDirty, !isStopping else {
            gathering.cancel()
            return false
        }
        guard gathering.limit > 0 else { return false }
        let waits = gathering.isToWait(
            at: MonotonicInstant.current.nanoseconds,
            waiting: ledger.pointee.dirtyCount,
            joined: ledger.pointee.joined,
            cpu: { Clock.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }
        )
        if !waits { ledger.pointee.joined = 0 }
        return waits
    }

    private func sleep() {
        let limit = sleepLimit
        guard limit != 0, signal.fallAsleep() else {
            backend.wait(nanoseconds: 0, self)
            return
        }
        backend.wait(nanoseconds: limit, self)
        signal.wakeUp()
    }

    /// nil: nothing is due at any time.
    private var sleepLimit: Int64? {
        let isToSend = table.ledger.pointee.hasDirty && gathering.deadline == nil
        let hasWork = !closings.isEmpty || !resumptions.isEmpty || isToSend
        if hasWork || owesHooks || signal.hasMail { return 0 }
        var wake = timers.nextWake
        if let deadline = gathering.deadline {
            wake = min(wake ?? .distantFuture, MonotonicInstant(nanoseconds: deadline))
        }
        guard let wake else { return nil }
        let current = MonotonicInstant.current
        return wake <= current ? 0 : Int64(clamping: wake.nanoseconds - current.nanoseconds)
    }

    private func deliverMail() {
        guard signal.takeMail() else { return }
        for receiver in receivers { receiver.deliver() }
    }

    private func fireTimers() {
        timers.advance(to: now)
        while let due = timers.popDue() { due.target.timerFired(due.tag) }
    }

    private func settle() {
        var rounds = 0
        var hasMore: Bool
        repeat {
            deliverHeld()
            deliverClosings()
            for hook in hooks { hook() }
            rounds += 1
            // Mail delivered here leaves work to the hooks: without another round it would lie until something
            // else wakes the loop.
            let hasMail = signal.hasMail
            hasMore = hasMail || !closings.isEmpty || !resumptions.isEmpty
            if hasMail, rounds < Self.hookRounds { deliverMail() }
        } while rounds < Self.hookRounds && hasMore
    }

    /// Ends the loop: everything closed, every handler told, nothing of ours left in the kernel.
    private func wind() {
        isStopping = true
        stopAccepting()
        table.forEachUsed { close($0, .loopStopped) }
        deliverClosings()
        // Cancelled operations complete at once; the bound is for a kernel that would not.
        let limit = MonotonicInstant.current.advanced(by: .seconds(2))
        while table.usedCount > 0, MonotonicInstant.current < limit {
            backend.wait(nanoseconds: 10_000_000, self)
            backend.dispatch(self)
            deliverClosings()
        }
        backend.shutDown()
        for receiver in receivers { receiver.close() }
        receivers = []
        hooks = []
        listeners = []
        timers = TimerWheel(now: now)
    }
}
