import HubCore
import Synchronization

/// A store that commits at once and forgets with the process; its condition is the test's to set.
final class MemoryStore: EventStore {
    private struct State {
        var events: [RoomKey: [KeptEvent]] = [:]
        var observer: (any StoreObserver)?
        var condition = StoreCondition.ready
        var faultyRooms = 0
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
            for write in writes {
                switch write {
                case .event(let event):
                    state.events[event.room.key, default: []].append(event)
                    durable.append((event.room, event.offset))
                case .revocation(let revocation): revocations.append(revocation)
                case .read: break
                }
            }
            return state.observer
        }
        observer?.committed(StoreCommit(durable: durable, reads: [], revocations: revocations))
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
}
