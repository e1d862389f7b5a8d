import Foundation
import HubCore
import HubPersistence
import HubProtocol

/// The real store with a hand on it: tests hold back what goes to the disk or comes from it, say that the disk
/// is busy or refuses, and make reads fail.
final class HeldStore: EventStore {
    private struct State {
        var condition: StoreCondition?
        var holdsWrites = false
        var writes: [StoreWrite] = []
        var holdsReads = false
        var reads: [@Sendable () -> Void] = []
        var failsReads = false
        var hidesTrims = false
        var observer: (any StoreObserver)?
        var readCount = 0
    }

    struct TimedOut: Error {}

    let store: SQLiteStore
    private let condvar = NSCondition()
    // Safety: only touched with `condvar` locked.
    private nonisolated(unsafe) var state = State()

    init(_ store: SQLiteStore) {
        self.store = store
    }

    private func locked<Value>(_ body: (inout State) -> Value) -> Value {
        condvar.lock()
        defer { condvar.unlock() }
        defer { condvar.broadcast() }
        return body(&state)
    }

    // MARK: The test's hand

    func say(_ condition: StoreCondition?) { locked { $0.condition = condition } }
    func holdWrites() { locked { $0.holdsWrites = true } }
    func holdReads() { locked { $0.holdsReads = true } }
    /// What retention takes is not told to the hub from now on: the message is still under way.
    func hideTrims() { locked { $0.hidesTrims = true } }
    /// Tells the hub that a room's place on disk is damaged, or mended.
    func say(isWritable: Bool, of room: RoomIdentity) {
        locked { $0.observer }?.writabilityChanged(of: room, isWritable: isWritable)
    }
    func failReads(_ fails: Bool) { locked { $0.failsReads = fails } }

    /// How many reads the hub has asked for.
    var readCount: Int { locked { $0.readCount } }

    /// Everything held goes to the disk, and what comes from now on.
    func releaseWrites() {
        let writes = locked { state in
            state.holdsWrites = false
            defer { state.writes = [] }
            return state.writes
        }
        store.write(writes)
    }

    /// What is held never comes to the disk: the process was killed.
    func loseWrites() { locked { $0.writes = [] } }

    /// What was read comes to the hub; what is asked from now on is held again where wanted.
    func releaseReads(holdingNext: Bool = false) {
        let reads = locked { state in
            state.holdsReads = holdingNext
            defer { state.reads = [] }
            return state.reads
        }
        reads.forEach { $0() }
    }

    /// Returns when so many reads are held.
    func waitForReads(_ count: Int = 1) throws {
        try wait { $0.reads.count >= count }
    }

    /// Returns when so many events are held.
    func waitForWrites(_ count: Int) throws {
        try wait { $0.writes.count >= count }
    }

    private func wait(until rule: (State) -> Bool) throws {
        let limit = Date(timeIntervalSinceNow: 30)
        condvar.lock()
        defer { condvar.unlock() }
        while !rule(state) {
            guard condvar.wait(until: limit) else { throw TimedOut() }
        }
    }

    // MARK: EventStore

    var epochs: EpochList { store.epochs }
    var revocations: [Revocation] { store.revocations }
    var condition: StoreCondition { locked { $0.condition } ?? store.condition }
    var faultyRooms: Int { store.faultyRooms }
    func observe(_ observer: any StoreObserver) {
        locked { $0.observer = observer }
        store.observe(Relay(observer) { [weak self] in self?.locked { $0.hidesTrims } ?? false })
    }

    /// Passes on what the store says, but for what the test holds back.
    private final class Relay: StoreObserver {
        let observer: any StoreObserver
        let hidesTrims: @Sendable () -> Bool

        init(_ observer: any StoreObserver, hidesTrims: @escaping @Sendable () -> Bool) {
            self.observer = observer
            self.hidesTrims = hidesTrims
        }

        func committed(_ commit: StoreCommit) { observer.committed(commit) }
        func conditionChanged(_ condition: StoreCondition) { observer.conditionChanged(condition) }
        func writabilityChanged(of room: RoomIdentity, isWritable: Bool) {
            observer.writabilityChanged(of: room, isWritable: isWritable)
        }
        func trimmed(_ room: RoomKey, firstKept: Int64) {
            if !hidesTrims() { observer.trimmed(room, firstKept: firstKept) }
        }
    }

    func write(_ writes: [StoreWrite]) {
        let isHeld = locked { state in
            if state.holdsWrites { state.writes += writes }
            return state.holdsWrites
        }
        if !isHeld { store.write(writes) }
    }

    func load(
        _ room: RoomIdentity,
        events: Int,
        bytes: Int,
        reply: @escaping @Sendable (Result<RoomSnapshot, StoreFault>) -> Void
    ) {
        read(reply) { [store] in store.load(room, events: events, bytes: bytes, reply: $0) }
    }

    func history(
        _ room: RoomIdentity,
        _ page: HistoryRange,
        reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        read(reply) { [store] in store.history(room, page, reply: $0) }
    }

    func offsets(
        of keys: [SendKey],
        in room: RoomIdentity,
        reply: @escaping @Sendable (Result<[SendKey: KeyedOffset], StoreFault>) -> Void
    ) {
        read(reply) { [store] in store.offsets(of: keys, in: room, reply: $0) }
    }

    var unfinished: [UnfinishedStream] { store.unfinished }

    func state(
        of stream: String,
        for room: RoomIdentity,
        reply: @escaping @Sendable (Result<StreamState?, StoreFault>) -> Void
    ) {
        read(reply) { [store] in store.state(of: stream, for: room, reply: $0) }
    }

    // Jobs are read past the test's hand: at the start, before the test has laid it on.

    func openJobs(reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        store.openJobs(reply: reply)
    }

    func job(_ id: String, of tenant: Tenant, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        store.job(id, of: tenant, reply: reply)
    }

    func jobs(_ page: JobPage, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        store.jobs(page, reply: reply)
    }

    /// The disk is read at once and its answer held, so that what comes meanwhile is not in it.
    private func read<Value: Sendable>(
        _ reply: @escaping @Sendable (Result<Value, StoreFault>) -> Void,
        _ ask: (@escaping @Sendable (Result<Value, StoreFault>) -> Void) -> Void
    ) {
        let fails = locked { state in
            state.readCount += 1
            return state.failsReads
        }
        guard !fails else { return reply(.failure(StoreFault("the test says so"))) }
        ask { [self] result in
            let isHeld = locked { state in
                if state.holdsReads { state.reads.append { reply(result) } }
                return state.holdsReads
            }
            if !isHeld { reply(result) }
        }
    }
}
