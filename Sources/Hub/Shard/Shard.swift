import HubProtocol
import Logging
import Reactor

/// The hub's part on one loop: the clients whose connections live here, the rooms whose home is here, and the
/// audiences of rooms wherever their home is.
///
/// Isolation: confined to its loop; the outside reaches it through its inbox. Homes and clients speak to each
/// other through `ask` and the answers below, which are direct calls when both are here and messages, sent in one
/// batch when the turn ends, when they are not. Order between two shards is kept.
public final class Shard {
    let hub: Hub
    let loop: EventLoop
    let configuration: HubConfiguration
    let store: any EventStore
    let epochs: EpochList
    let logger: Logger
    let inbox: Inbox
    let codecs = DeflateCodecs()
    let frames: FrameEncoder
    var decoder: CommandDecoder
    var random = SystemRandomNumberGenerator()
    var metrics = ShardMetrics()

    var clients: [ConnectionID: Client] = [:]
    var rooms: [RoomKey: Room] = [:]
    var audiences: [RoomKey: Audience] = [:]
    var calls: [UInt64: (CallOutcome) -> Void] = [:]
    var authenticationCalls: [UInt64: (Result<Principal, AuthenticationFailure>) -> Void] = [:]
    var tickets: UInt64 = 0

    // What this turn has gathered.
    var dirtyRooms: [Room] = []
    var writes: [StoreWrite] = []
    var outboxes: [[ShardMessage]]
    /// Clients whose queue has grown over the soft limit in this turn.
    var overfull: [Client] = []
    /// Clients over the soft limit: their age is looked at once a second.
    var lagging: [ConnectionID: Client] = [:]
    /// Those that came over it in this turn: they join `lagging` when it ends.
    var newlyLagging: [Client] = []
    /// For frames that are copied into a connection's queue at once.
    var scratch: [UInt8] = []
    var isDraining = false
    /// Whether anything has a rate.
    let limitsRates: Bool
    /// Bytes of requests that wait for rooms here that the disk has not given yet.
    var waitingBytes = 0
    /// The board of all jobs, where this is its loop.
    private(set) var jobs: JobBoard?

    // Streams whose room's home is here.
    var openStreams = 0
    /// Bytes of their text.
    var streamBytes = 0
    /// Rooms with open ones.
    var streamRooms: [RoomKey: Room] = [:]
    var isStreamTickScheduled = false
    /// Rooms with streams that a crash left open and that have not been read yet.
    var unfinished: Set<RoomKey> = []
    /// Told, on this loop, that an adopted connection is over: whoever adopted it may have counted it.
    public var whenForgotten: ((ConnectionID) -> Void)?
    /// Says, on this loop, by which address a connection is counted; nil for one that is exempt.
    public var addressOf: ((ConnectionID) -> String?)?

    init(hub: Hub, loop: EventLoop, inbox: Inbox) {
        self.hub = hub
        self.loop = loop
        self.inbox = inbox
        configuration = hub.configuration
        limitsRates = hub.configuration.rates != .off
        store = hub.store
        epochs = hub.store.epochs
        logger = hub.logger
        frames = FrameEncoder(codecs: codecs, floor: hub.configuration.deflateFloor)
        var limits = CommandLimits()
        limits.dataBytes = hub.configuration.dataBytes
        limits.rooms = hub.configuration.roomsPerConnection
        decoder = CommandDecoder(limits: limits)
        outboxes = Array(repeating: [], count: hub.loops)
        metrics.loop = loop.index
    }

    /// How many loops there are.
    var loopCount: Int { hub.loops }

    /// Starts what the shard does by itself.
    func start() {
        loop.atTurnEnd { [unowned self] in endTurn() }
        scheduleSweep()
        for stream in store.unfinished where hub.home(of: stream.room.name, in: stream.room.tenant) == loop.index {
            unfinished.insert(stream.room)
        }
        wakeUnfinished()
        if loop.index == JobBoard.loop {
            let board = JobBoard(shard: self)
            jobs = board
            board.load()
        }
    }

    func nextTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    // MARK: The turn

    /// Hands out what the turn has gathered: batches to audiences here and elsewhere, writes to the store,
    /// messages to other shards.
    private func endTurn() {
        // Delivering can give rooms new things to say (a client that is too slow leaves), so until none has.
        while !dirtyRooms.isEmpty || !overfull.isEmpty {
            let rooms = dirtyRooms
            dirtyRooms.removeAll(keepingCapacity: true)
            for room in rooms where room.isDirty { room.flush() }
            let slow = overfull
            overfull.removeAll(keepingCapacity: true)
            for client in slow { client.queueGrew() }
        }
        if !newlyLagging.isEmpty {
            for client in newlyLagging where client.isLagging && clients[client.connection.id] === client {
                lagging[client.connection.id] = client
            }
            newlyLagging.removeAll(keepingCapacity: true)
        }
        if !writes.isEmpty {
            store.write(writes)
            writes.removeAll(keepingCapacity: true)
        }
        for index in outboxes.indices where !outboxes[index].isEmpty {
            hub.inboxes[index].post(contentsOf: outboxes[index])
            outboxes[index].removeAll(keepingCapacity: true)
        }
    }

    // MARK: The sweep

    private func scheduleSweep() {
        _ = loop.schedule(after: .seconds(1), self, tag: SweepTag.sweep)
    }

    private func sweep() {
        for client in lagging.values { client.checkQueueAge() }
        wakeUnfinished()
        let now = loop.now
        if loop.index == 0 { hub.accounts.sweep(now: now.nanoseconds) }
        for (key, room) in rooms where room.isIdle(at: now, after: configuration.roomIdle) {
            room.departures.timer.map(loop.cancel)
            rooms[key] = nil
        }
    }
}

extension Shard: TimerTarget {
    enum SweepTag {
        static let sweep: UInt32 = 0
        static let drain: UInt32 = 1
        static let streams: UInt32 = 2
    }

    /// Once a second: slow readers and idle rooms. More often: who may go while draining, and what streams need.
    public func timerFired(_ tag: UInt32) {
        switch tag {
        case SweepTag.drain: closeAnswered()
        case SweepTag.streams: tickStreams()
        default:
            sweep()
            scheduleSweep()
        }
    }
}

@available(*, unavailable)
extension Shard: Sendable {}
