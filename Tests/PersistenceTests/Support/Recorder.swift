import HubCore
import HubProtocol
import Synchronization

/// An observer that remembers what it was told and lets tests wait for it.
final class Recorder: StoreObserver {
    struct State {
        var commits: [StoreCommit] = []
        var conditions: [StoreCondition] = []
        /// What was told of rooms that can't be written, or can again: "ticket:1 false".
        var writability: [String] = []
        /// What retention was told to have taken: "log:1 5".
        var trimmed: [String] = []
        fileprivate var waiters: [(test: @Sendable (State) -> Bool, go: CheckedContinuation<Void, Never>)] = []

        /// The highest offset told for a room.
        func durable(_ room: RoomIdentity) -> Int64 {
            commits.flatMap(\.durable).filter { $0.room.key == room.key }.map(\.offset).max() ?? 0
        }
    }

    private let state = Mutex(State())

    func committed(_ commit: StoreCommit) {
        change { $0.commits.append(commit) }
    }

    func conditionChanged(_ condition: StoreCondition) {
        change { $0.conditions.append(condition) }
    }

    func writabilityChanged(of room: RoomIdentity, isWritable: Bool) {
        change { $0.writability.append("\(room.key.name.text) \(isWritable)") }
    }

    func trimmed(_ room: RoomKey, firstKept: Int64) {
        change { $0.trimmed.append("\(room.name.text) \(firstKept)") }
    }

    var now: State { state.withLock { $0 } }

    /// Waits until the test holds.
    func wait(_ test: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { go in
            let holds = state.withLock { state in
                if test(state) { return true }
                state.waiters.append((test, go))
                return false
            }
            if holds { go.resume() }
        }
    }

    /// Waits until an offset of a room is durable.
    func wait(_ room: RoomIdentity, durable offset: Int64) async {
        await wait { $0.durable(room) >= offset }
    }

    private func change(_ body: (inout State) -> Void) {
        let going = state.withLock { state in
            body(&state)
            let snapshot = state
            let going = state.waiters.filter { $0.test(snapshot) }.map(\.go)
            state.waiters.removeAll { $0.test(snapshot) }
            return going
        }
        for go in going { go.resume() }
    }
}
