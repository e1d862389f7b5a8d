import HubProtocol
import Logging
import Reactor

/// The hub as a whole: its shards, the store behind them, the sessions over all of them.
///
/// Isolation: any thread. All state of rooms and clients lives in shards and is reached through their inboxes.
public final class Hub: Sendable {
    let configuration: HubConfiguration
    let loops: Int
    let store: any EventStore
    let authenticator: any Authenticator
    let logger: Logger
    let inboxes: [Inbox]
    let sessions = SessionDirectory()
    let accounts = RateAccounts()
    let revocations: RevocationList
    let streams = StreamDirectory()
    let assistant: (any Assistant)?

    /// A hub of `loops` shards (at least 1) over a store that is open. `assistant` answers what people `ask`; without
    /// one that command is not supported.
    public init(
        configuration: HubConfiguration,
        loops: Int,
        store: any EventStore,
        authenticator: any Authenticator,
        assistant: (any Assistant)? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        self.loops = loops
        self.store = store
        self.authenticator = authenticator
        self.assistant = assistant
        self.logger = logger
        for stream in store.unfinished {
            let key = StreamKey(tenant: stream.room.tenant, id: stream.id)
            _ = streams.claim(key, for: stream.room, by: nil, atMost: 0)
        }
        inboxes = (0..<loops).map { _ in Inbox() }
        revocations = RevocationList(store.revocations, mostPerTenant: configuration.revocations)
        store.observe(
            CommitRouter(
                inboxes: inboxes,
                homes: RoomHomes(loops: loops),
                revocations: revocations,
                logger: logger
            )
        )
    }

    /// Makes the shard of a loop; called once for each, on the loop's thread, before it accepts connections.
    public func makeShard(on loop: EventLoop) -> Shard {
        let shard = Shard(hub: self, loop: loop, inbox: inboxes[loop.index])
        shard.start()
        // The mailbox holds the shard until the loop has ended and every connection of it is closed.
        inboxes[loop.index].open(loop.makeMailbox { messages in shard.receive(messages) })
        return shard
    }

    /// The loop that owns a room.
    func home(of room: RoomName, in tenant: Tenant) -> Int {
        RoomHomes(loops: loops).home(of: RoomKey(tenant: tenant, name: room))
    }

    /// What every shard has counted, in the order of the loops; those that have ended are left out.
    public func metrics() async -> [ShardMetrics] {
        await withTaskGroup(of: ShardMetrics?.self) { group in
            for inbox in inboxes {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        let receipt = ReportReceipt(continuation)
                        inbox.post(.report { receipt.give($0) })
                    }
                }
            }
            var all: [ShardMetrics] = []
            for await case let metrics? in group { all.append(metrics) }
            return all.sorted { $0.loop < $1.loop }
        }
    }

    /// Tells every client that the hub goes, lets what has been asked be answered, closes with 1012. Returns
    /// when no client is left or the deadline has passed.
    public func drain(deadline: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        let plan = DrainPlan(
            deadline: deadline.milliseconds,
            acceptRate: configuration.drainAcceptRate,
            loops: loops
        )
        inboxes.forEach { $0.post(.drain(plan)) }
        // Clients are closed as soon as they are answered; the poll is only how this notices that all are.
        while clock.now < end {
            let left = await metrics().reduce(0) { $0 + $1.clients }
            if left == 0 { break }
            try? await clock.sleep(for: .milliseconds(20))
        }
        inboxes.forEach { $0.post(.closeAll) }
        _ = await metrics()
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int {
        let parts = components
        return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
    }
}
