import HubProtocol
import Reactor

extension Client: TimerTarget {
    enum Timer: UInt32 {
        case heartbeat
        case hello
        case expiryNotice
        case expiry
        case flush
    }

    func timerFired(_ tag: UInt32) {
        switch Timer(rawValue: tag) {
        case .heartbeat: beat()
        case .hello:
            deadline = nil
            close(.unauthenticated, "no hello within the deadline")
        case .expiryNotice:
            deadline = nil
            noticeExpiry()
        case .expiry:
            deadline = nil
            close(.unauthenticated, "the token has expired")
        case .flush:
            deadline = nil
            if connection.queuedBytes > 0 { connection.abort() }
        case nil: break
        }
    }

    // MARK: Heartbeat

    func scheduleHeartbeat() {
        let interval = shard.configuration.pingInterval
        // Jitter keeps connections that came together from being pinged together for ever.
        let jitter = Double.random(in: 0.9...1.1, using: &shard.random)
        heartbeat = shard.loop.schedule(after: interval * jitter, self, tag: Timer.heartbeat.rawValue)
    }

    private func beat() {
        heartbeat = nil
        dropIdleRates()
        checkQueueAge()
        guard phase != .closing else { return }
        if lastHeard.duration(to: shard.loop.now) > shard.configuration.pingInterval * 2 {
            close(.tooSlow, "nothing was heard for two intervals")
            return
        }
        shard.scratch.removeAll(keepingCapacity: true)
        WebSocketFrame.appendPing(.empty, into: &shard.scratch)
        connection.write(shard.scratch)
        scheduleHeartbeat()
        armExpiry()
    }

    // MARK: Expiry

    /// Arms the timer for the end of the token when it comes near; far ones wait for a later heartbeat, so
    /// that most connections hold one timer.
    func armExpiry() {
        guard phase == .ready, deadline == nil, let principal else { return }
        let left = Duration.milliseconds(principal.expires - shard.loop.wallMilliseconds)
        let notice = left - shard.configuration.expiryNotice
        guard notice < shard.configuration.pingInterval * 2 else { return }
        deadline = shard.loop.schedule(after: max(notice, .zero), self, tag: Timer.expiryNotice.rawValue)
    }

    private func noticeExpiry() {
        guard phase == .ready, let principal else { return }
        let left = max(0, principal.expires - shard.loop.wallMilliseconds)
        guard left > 0 else {
            close(.unauthenticated, "the token has expired")
            return
        }
        var line: [UInt8] = []
        Push.expiring(inMilliseconds: left, into: &line)
        send(line)
        deadline = shard.loop.schedule(after: .milliseconds(left), self, tag: Timer.expiry.rawValue)
    }

    func cancelDeadline() {
        deadline.map(shard.loop.cancel)
        deadline = nil
    }
}
