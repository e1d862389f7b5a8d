import DequeModule
import HubProtocol
import Logging
import Reactor

/// The state of one room at its home: offsets, the recent ring, keys, presence, read marks, who is waiting.
///
/// It is the only place that gives offsets. Everything that happens in one turn is gathered and leaves as one
/// batch per loop when the turn ends. A room is loaded when it is first asked for something; until the disk has
/// answered, requests wait in order.
///
/// Isolation: confined to its home loop.
final class Room {
    let identity: RoomIdentity
    unowned let shard: Shard

    enum Phase {
        /// The disk has been asked; these wait.
        case waking([RoomRequest])
        case awake
    }

    var phase: Phase = .waking([])

    // What is kept.
    var head: Int64 = 0
    var durable: Int64 = 0
    var firstKept: Int64 = 1
    var lastAt: Int64 = 0
    var cuts = EpochCuts(starts: [])
    var ring = RecentRing()
    var keys = KeyIndex(isComplete: false, filterBytes: 0)
    var reads: [String: Int64] = [:]

    // Who is there.
    var presence = Presence()
    var departures = Departures()
    /// Every connection that is in the room, on whatever loop.
    var members: [ConnectionID: Member] = [:]
    /// How many of them each loop has.
    var subscribers: [Int32]
    var durableWatchers = 0

    /// What grows here; made with the first.
    var streams: RoomStreams?

    /// Whether the disk takes what is accepted here; where not, new sends are refused and the others wait.
    var isWritable = true
    // What waits for the disk.
    var waitingForDurable: Deque<(offset: Int64, reply: ReplyTarget, receipt: SendReceipt)> = []
    var waitingReads: [(user: String, upto: Int64, reply: ReplyTarget)] = []
    /// Sends behind one whose key the disk is being asked for; in order.
    var gatedSends: Deque<SendRequest> = []
    var isAskingForKeys = false
    /// Bytes of requests that wait here for the disk: to wake up, or for keys.
    var waitingBytes = 0
    var pageReads: [UInt64: (Result<[KeptEvent], StoreFault>) -> Void] = [:]

    // What this turn has gathered.
    var batch = Batch()
    var ephemeraIndex: [EphemeralKey: Int] = [:]
    var durableMoved = false
    var isDirty = false

    /// When something last happened here, for eviction.
    var lastUse: MonotonicInstant

    struct Member {
        var principal: Principal
        var options: SubscriptionOptions
    }

    struct EphemeralKey: Hashable {
        var by: String
        var kind: String
    }

    init(identity: RoomIdentity, shard: Shard) {
        self.identity = identity
        self.shard = shard
        subscribers = [Int32](repeating: 0, count: shard.loopCount)
        lastUse = shard.loop.now
    }

    /// Does what is asked, now or as soon as the room is awake.
    func handle(_ request: RoomRequest) {
        lastUse = shard.loop.now
        if case .waking(var waiting) = phase {
            guard mayWait(request) else {
                refuse(request, .roomWaitedFor)
                return
            }
            phase = .awake
            waiting.append(request)
            phase = .waking(waiting)
            return
        }
        switch request {
        case .join(let join): self.join(join)
        case .leave(let leave): self.leave(leave)
        case .send(let request): receive(request)
        case .signal(let signal): receive(signal)
        case .read(let user, let upto, let reply): markRead(by: user, upto: upto, reply: reply)
        case .history(let request): answer(request)
        case .presence(let reply): answerPresence(to: reply)
        case .renew(let connection, let principal): renew(connection, principal)
        case .catchUp(let connection, let after): catchUp(connection, after: after)
        case .stream(let request): streamsMade().receive(request)
        case .producerLost(let connection, let stream): streams?.lost(stream, by: connection)
        case .watch(let request): watch(request)
        }
    }

    /// The disk has answered: the room takes up where it was, and does what has been waiting.
    func woke(_ result: Result<RoomSnapshot, StoreFault>) {
        guard case .waking(let waiting) = phase else { return }
        stopWaiting(waitingBytes)
        switch result {
        case .success(let snapshot):
            head = snapshot.head
            durable = snapshot.head
            // Retention may have gone on since the disk was read.
            firstKept = max(firstKept, snapshot.firstKept)
            cuts = EpochCuts(starts: snapshot.starts)
            reads = snapshot.reads
            keys = KeyIndex(
                isComplete: firstKept == 1 && snapshot.events.count == Int(snapshot.head),
                filterBytes: shard.configuration.keyFilterBytes
            )
            for event in snapshot.events where event.offset >= firstKept {
                ring.append(event)
                keys.add(event)
                lastAt = max(lastAt, event.at)
            }
            phase = .awake
            if !snapshot.streams.isEmpty { streamsMade().restore(snapshot.streams) }
            waiting.forEach(handle)
        case .failure(let fault):
            report(fault)
            phase = .waking([])
            waiting.forEach { refuse($0, .roomUnreadable) }
        }
    }

    /// Whether a request may wait for the disk: what waits is bounded in bytes, here and on the whole loop.
    func mayWait(_ request: RoomRequest) -> Bool {
        let configuration = shard.configuration
        let size = request.size
        guard
            request.isOwed
                || (waitingBytes + size <= configuration.roomWaitingBytes
                    && shard.waitingBytes + size <= configuration.waitingBytes)
        else {
            shard.metrics.waitRefusals += 1
            return false
        }
        waitingBytes += size
        shard.waitingBytes += size
        return true
    }

    /// So many bytes wait no longer.
    func stopWaiting(_ bytes: Int) {
        waitingBytes -= bytes
        shard.waitingBytes -= bytes
    }

    /// Answers a request that cannot be served.
    func refuse(_ request: RoomRequest, _ error: ErrorReply) {
        switch request {
        case .join(let join): shard.answer(join, in: identity.key.name, .failure(error))
        case .leave(let leave):
            if let id = leave.id { shard.answerLeft(leave.connection, identity.key.name, id: id) }
        case .send(let request): shard.refuse(request.reply, error)
        case .signal(let signal): shard.refuse(signal.reply, error)
        case .read(_, _, let reply), .presence(let reply): shard.refuse(reply, error)
        case .history(let request): shard.refuse(request.reply, error)
        case .renew: break
        case .catchUp(let connection, let after):
            let page = CatchUpPage(after: after, events: [], upto: after, complete: false, failed: true)
            shard.answerCaughtUp(connection, identity.key.name, page)
        case .stream(let request): shard.refuse(request.reply, error)
        case .producerLost: break
        case .watch(let request):
            let page = StreamPage(generation: request.generation, lines: [], cursors: [:], isComplete: true)
            shard.answer(request, in: identity.key.name, page)
        }
    }

    /// Says in the log that the disk could not be read for this room.
    func report(_ fault: StoreFault) {
        shard.logger.error(
            "room could not be read",
            metadata: ["room": "\(identity.key.name.text)", "error": "\(fault.sentence)"]
        )
    }

    /// Retention has taken what was below `offset` from the disk: it is no longer kept here either, so that answers
    /// agree with the disk.
    func trimmed(to offset: Int64) {
        guard offset > firstKept else { return }
        firstKept = offset
        ring.drop(below: offset) { keys.drop($0) }
    }

    /// Marks the room as having something to hand out when the turn ends.
    func touch() {
        guard !isDirty else { return }
        isDirty = true
        shard.dirtyRooms.append(self)
    }

    /// Whether nobody would miss the room in memory. One that was never written to goes after a second: its name may be
    /// any, and reading it again costs next to nothing.
    func isIdle(at now: MonotonicInstant, after idle: Duration) -> Bool {
        guard case .awake = phase else { return false }
        let idle = head == 0 ? min(idle, .seconds(1)) : idle
        return members.isEmpty && presence.isEmpty && durable == head && !isDirty && waitingReads.isEmpty
            && gatedSends.isEmpty && pageReads.isEmpty && (streams?.isEmpty ?? true)
            && lastUse.duration(to: now) >= idle
    }
}

@available(*, unavailable)
extension Room: Sendable {}

extension ErrorReply {
    /// The disk can't take this room's writes.
    static var roomUnwritable: ErrorReply {
        ErrorReply(.unavailable, "nothing can be kept in this room: its place on disk is damaged", retryAfter: 5000)
    }

    /// Too much waits for the room already; nothing was kept.
    static var roomWaitedFor: ErrorReply {
        ErrorReply(.busy, "too much waits for the disk to give this room", retryAfter: 250)
    }

    /// The disk could not be read for this room.
    static var roomUnreadable: ErrorReply {
        ErrorReply(.unavailable, "the room cannot be read from disk at the moment", retryAfter: 1000)
    }
}
