import HubCore
import HubProtocol
import Synchronization

/// A store that commits at once and forgets with the process; its condition is the test's to set.
final class MemoryStore: EventStore {
    private struct State {
        var events: [RoomKey: [KeptEvent]] = [:]
        var observer: (any StoreObserver)?
        var condition = StoreCondition.ready
        var faultyRooms = 0
        /// What has become of each stream, whatever its tenant.
        var streams: [String: StreamState] = [:]
    }

    private let state = Mutex(State())
    let epochs = EpochList(["epoch-1"])
    let revocations: [Revocation] = []

    var condition: StoreCondition { state.withLock { $0.condition } }

    var faultyRooms: Int { state.withLock { $0.faultyRooms } }

    func set(faultyRooms: Int) { state.withLock { $0.faultyRooms = faultyRooms } }

    func set(_ condition: StoreCondition) {
        let observer = state.withLock { state in
            state.condition = condition
            return state.observer
        }
        observer?.conditionChanged(condition)
    }

    func observe(_ observer: any StoreObserver) {
        state.withLock { $0.observer = observer }
    }

    func write(_ writes: [StoreWrite]) {
        var durable: [(room: RoomIdentity, offset: Int64)] = []
        var revocations: [Revocation] = []
        let observer = state.withLock { state in
            for write in writes.flatMap(Self.parts) {
                if case .revocation(let revocation) = write { revocations.append(revocation) }
                guard let event = write.event else { continue }
                if case .stream(_, let change) = write { state.streams.apply(change) }
                state.events[event.room.key, default: []].append(event)
                durable.append((event.room, event.offset))
            }
            return state.observer
        }
        let streams = writes.compactMap { write in
            if case .checkpoint(let piece) = write { (piece.room, piece.attempt, piece.stream, piece.to) } else { nil }
        }
        observer?.committed(
            StoreCommit(durable: durable, reads: [], revocations: revocations, streams: streams)
        )
    }

    private static func parts(_ write: StoreWrite) -> [StoreWrite] {
        if case .together(let first, let second) = write { [first, second] } else { [write] }
    }

    var unfinished: [UnfinishedStream] { [] }

    func state(
        of stream: String,
        for room: RoomIdentity,
        reply: @escaping @Sendable (Result<StreamState?, StoreFault>) -> Void
    ) {
        reply(.success(state.withLock { $0.streams[stream] }))
    }

    func load(
        _ room: RoomIdentity,
        events: Int,
        bytes: Int,
        reply: @escaping @Sendable (Result<RoomSnapshot, StoreFault>) -> Void
    ) {
        let kept = state.withLock { $0.events[room.key] ?? [] }
        reply(
            .success(
                RoomSnapshot(
                    head: kept.last?.offset ?? 0,
                    firstKept: 1,
                    events: Array(kept.suffix(events)),
                    starts: kept.isEmpty ? [] : [(start: 0, firstOffset: 1)],
                    reads: [:]
                )
            )
        )
    }

    func history(
        _ room: RoomIdentity,
        _ page: HistoryRange,
        reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        let kept = state.withLock { $0.events[room.key] ?? [] }
        switch page.anchor {
        case .before(let offset): reply(.success(Array(kept.filter { $0.offset < offset }.suffix(page.limit))))
        case .after(let offset): reply(.success(Array(kept.filter { $0.offset > offset }.prefix(page.limit))))
        }
    }

    func offsets(
        of keys: [SendKey],
        in room: RoomIdentity,
        reply: @escaping @Sendable (Result<[SendKey: KeyedOffset], StoreFault>) -> Void
    ) {
        let kept = state.withLock { $0.events[room.key] ?? [] }
        var found: [SendKey: KeyedOffset] = [:]
        for event in kept {
            guard let key = event.key, keys.contains(SendKey(user: event.by, key: key)) else { continue }
            found[SendKey(user: event.by, key: key)] = KeyedOffset(offset: event.offset, at: event.at)
        }
        reply(.success(found))
    }

    func openJobs(reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) { reply(.success([])) }

    func job(_ id: String, of tenant: Tenant, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        reply(.success([]))
    }

    func jobs(_ page: JobPage, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        reply(.success([]))
    }
}

extension StoreWrite {
    /// The event that it keeps.
    fileprivate var event: KeptEvent? {
        switch self {
        case .event(let event), .stream(let event, _), .job(let event, _): event
        default: nil
        }
    }
}

extension [String: StreamState] {
    fileprivate mutating func apply(_ change: StreamChange) {
        switch change {
        case .opened(let id, _, _, _): self[id] = .open
        case .ended(let id, let state): self[id] = state
        }
    }
}
