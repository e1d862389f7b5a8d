import Reactor
import Synchronization

/// Which room each open stream of the hub belongs to, and on which connection its producer is: what makes ids
/// unique in a tenant, and leads a command that names only the stream to the room's home.
///
/// Isolation: any thread; one short lock a command about a stream, none for what is shown of it.
final class StreamDirectory: Sendable {
    private struct Entry {
        let room: RoomKey
        var connection: ConnectionID?
    }

    private struct State {
        var entries: [StreamKey: Entry] = [:]
        var produced: [ConnectionID: Set<StreamKey>] = [:]

        mutating func drop(_ key: StreamKey, of connection: ConnectionID?) {
            guard let connection else { return }
            produced[connection]?.remove(key)
            if produced[connection]?.isEmpty ?? false { produced[connection] = nil }
        }
    }

    private let state = Mutex(State())

    /// What came of a claim.
    enum OnClaim {
        case claimed
        /// The id is a stream of that room.
        case taken(RoomKey)
        /// The connection produces as many streams as it may.
        case tooMany
    }

    /// Gives an id to a stream that is about to be opened.
    func claim(_ key: StreamKey, for room: RoomKey, by connection: ConnectionID?, atMost most: Int) -> OnClaim {
        state.withLock { state in
            if let known = state.entries[key] { return .taken(known.room) }
            if let connection, (state.produced[connection]?.count ?? 0) >= most { return .tooMany }
            state.entries[key] = Entry(room: room, connection: connection)
            if let connection { state.produced[connection, default: []].insert(key) }
            return .claimed
        }
    }

    /// The stream has another producer.
    func hand(_ key: StreamKey, to connection: ConnectionID?) {
        state.withLock { state in
            guard let before = state.entries[key] else { return }
            state.drop(key, of: before.connection)
            state.entries[key]?.connection = connection
            if let connection { state.produced[connection, default: []].insert(key) }
        }
    }

    /// The stream is over, or was never opened.
    func release(_ key: StreamKey) {
        state.withLock { state in
            guard let before = state.entries.removeValue(forKey: key) else { return }
            state.drop(key, of: before.connection)
        }
    }

    /// The room of an open stream.
    func room(of key: StreamKey) -> RoomKey? {
        state.withLock { $0.entries[key]?.room }
    }

    /// What a connection produces.
    func streams(of connection: ConnectionID) -> [(id: String, room: RoomKey)] {
        state.withLock { state in
            (state.produced[connection] ?? []).compactMap { key in
                state.entries[key].map { (key.id, $0.room) }
            }
        }
    }
}
