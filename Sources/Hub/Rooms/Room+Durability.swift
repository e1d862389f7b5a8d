import DequeModule
import HubProtocol
import Reactor

extension Room {
    /// The disk has everything up to `offset`: who waited for that hears of it.
    func committed(upto offset: Int64) {
        guard offset > durable else { return }
        durable = offset
        lastUse = shard.loop.now
        while let first = waitingForDurable.first, first.offset <= offset {
            waitingForDurable.removeFirst()
            shard.acknowledge(first.reply, first.receipt)
        }
        trimRing()
        streams?.committed(upto: offset)
        if durableWatchers > 0 {
            durableMoved = true
            touch()
        }
    }

    /// A person's read mark is on disk.
    func committedRead(by user: String, upto: Int64) {
        lastUse = shard.loop.now
        waitingReads.removeAll { waiting in
            guard waiting.user == user, waiting.upto <= upto else { return false }
            shard.succeed(waiting.reply)
            return true
        }
    }

    /// Moves a person's read mark up; it never goes down. The reply waits for the disk.
    func markRead(by user: String, upto: Int64, reply: ReplyTarget) {
        guard upto <= head else {
            let error = ErrorReply(.badRequest, "upto is beyond the room's head, \(head)", field: "upto")
            shard.refuse(reply, error)
            return
        }
        guard upto > reads[user, default: 0] else {
            if waitingReads.contains(where: { $0.user == user && $0.upto >= upto }) {
                waitingReads.append((user, upto, reply))
            } else {
                shard.succeed(reply)
            }
            return
        }
        if let refusal = storeRefusal(), refusal.code == .unavailable {
            shard.refuse(reply, refusal)
            return
        }
        reads[user] = upto
        waitingReads.append((user, upto, reply))
        shard.writes.append(.read(room: identity, user: user, upto: upto))
        var line: [UInt8] = []
        Push.readMark(room: identity.key.name.text, by: user, upto: upto, into: &line)
        show(Batch.Ephemeral(by: user, kind: "read", line: line))
    }
}
