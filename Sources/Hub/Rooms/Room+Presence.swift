import DequeModule
import HubProtocol
import Reactor

/// Departures that wait for their delay, in the order in which they are due: the delay is the same for all.
struct Departures {
    var queue: Deque<(due: MonotonicInstant, user: String, ticket: UInt32)> = []
    var timer: TimerHandle?
}

extension Room {
    func personConnected(_ principal: Principal) {
        presence.connected(principal, since: shard.loop.wallMilliseconds)
        if presence.hasNews { touch() }
    }

    /// A connection that is in has a new token.
    func renew(_ connection: ConnectionID, _ principal: Principal) {
        guard members[connection] != nil else { return }
        members[connection]?.principal = principal
        presence.renew(principal)
        if presence.hasNews { touch() }
    }

    /// One connection less; where it was the person's last one, `leave` goes out after the delay.
    func personDisconnected(_ user: String) {
        guard let ticket = presence.disconnected(user) else { return }
        let delay = shard.configuration.presenceLeaveDelay
        departures.queue.append((shard.loop.now.advanced(by: delay), user, ticket))
        if departures.timer == nil { departures.timer = shard.loop.schedule(after: delay, self, tag: 0) }
    }

    func answerPresence(to reply: ReplyTarget) {
        guard case .client(let connection, let id) = reply else { return }
        var line: [UInt8] = []
        Reply.presence(id: id, people: presence.people(), into: &line)
        shard.send(line, replyTo: id, of: connection)
    }

    /// Shows something ephemeral when the turn ends; the latest of a person and kind replaces earlier ones.
    func show(_ ephemeral: Batch.Ephemeral) {
        let key = EphemeralKey(by: ephemeral.by, kind: ephemeral.kind)
        if let index = ephemeraIndex[key] {
            batch.ephemera[index] = ephemeral
        } else {
            ephemeraIndex[key] = batch.ephemera.count
            batch.ephemera.append(ephemeral)
        }
        touch()
    }

    /// An event of theirs ends a person's typing: a signal of the same turn would only be pushed behind it.
    func stopTyping(of user: String) {
        let key = EphemeralKey(by: user, kind: "typing")
        guard !ephemeraIndex.isEmpty, let index = ephemeraIndex.removeValue(forKey: key) else { return }
        let last = batch.ephemera.removeLast()
        guard index < batch.ephemera.count else { return }
        batch.ephemera[index] = last
        ephemeraIndex[EphemeralKey(by: last.by, kind: last.kind)] = index
    }

    func receive(_ signal: SignalRequest) {
        var line: [UInt8] = []
        let room = identity.key.name.text
        if let data = signal.data {
            data.withUnsafeBytes { bytes in
                Push.ephemeral(room: room, kind: signal.kind, by: signal.by, data: ByteView(bytes), into: &line)
            }
        } else {
            Push.ephemeral(room: room, kind: signal.kind, by: signal.by, data: nil, into: &line)
        }
        show(Batch.Ephemeral(by: signal.by, kind: signal.kind, line: line))
        shard.succeed(signal.reply)
    }
}

extension Room: TimerTarget {
    func timerFired(_ tag: UInt32) {
        departures.timer = nil
        let now = shard.loop.now
        while let next = departures.queue.first, next.due <= now {
            departures.queue.removeFirst()
            presence.departed(next.user, ticket: next.ticket)
        }
        if let next = departures.queue.first {
            departures.timer = shard.loop.schedule(after: now.duration(to: next.due), self, tag: 0)
        }
        if presence.hasNews { touch() }
    }
}
