import GRDB
import HubCore
import Synchronization

/// The rooms that the disk can't read or write while all others go on. Readiness is red while there is one.
///
/// For a room that couldn't be read it keeps the read that failed, which is done again until it succeeds: another part
/// of the room that can be read says nothing about the damage.
///
/// Isolation: any thread; `count` is one atomic read.
final class FaultyRooms: Sendable {
    typealias Read = @Sendable (Database) throws -> Void

    /// So many unreadable rooms are remembered; there is nothing more to learn from further ones.
    static let most = 1000

    private struct State {
        var unreadable: [RoomKey: Read] = [:]
        var unwritable: Set<RoomKey> = []

        var count: Int { unwritable.count + unreadable.keys.count { !unwritable.contains($0) } }
    }

    private let state = Mutex(State())
    private let number = Atomic(0)

    /// Rooms that can't be read, can't be written, or neither.
    var count: Int { number.load(ordering: .relaxed) }

    /// How many of them can't be read, and how many can't be written.
    var numbers: (unreadable: Int, unwritable: Int) {
        state.withLock { ($0.unreadable.count, $0.unwritable.count) }
    }

    /// The writer has set a room aside or taken it back.
    func set(_ room: RoomKey, isWritable: Bool) {
        change { state in
            if isWritable { state.unwritable.remove(room) } else { state.unwritable.insert(room) }
        }
    }

    /// A read of a room has failed; the first one that did is the one to be done again.
    func failed(_ room: RoomKey, _ read: @escaping Read) {
        change { state in
            guard state.unreadable[room] == nil, state.unreadable.count < FaultyRooms.most else { return }
            state.unreadable[room] = read
        }
    }

    /// The read that had failed has succeeded.
    func recovered(_ room: RoomKey) {
        change { $0.unreadable[room] = nil }
    }

    /// The reads to be done again.
    var failedReads: [(room: RoomKey, read: Read)] {
        state.withLock { $0.unreadable.map { ($0.key, $0.value) } }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            number.store(state.count, ordering: .relaxed)
        }
    }
}
