import HubCore

/// Writes of rooms whose place on disk is damaged: they wait here, in their order, while all other rooms go on.
/// A pure part of `PendingWrites`.
///
/// Nothing leaves it but by being written. It stays small because the hub refuses new sends of such a room as soon as
/// it is told; what was accepted before counts in the lag.
struct AsideWrites {
    /// So many rooms are no longer damage of some rooms: the store as a whole is unavailable.
    static let most = 1000

    /// What waits for one room.
    struct Room {
        let identity: RoomIdentity
        var writes: [StoreWrite] = []
        var bytes = 0
    }

    private(set) var rooms: [RoomKey: Room] = [:]

    /// Whether so many rooms are damaged that sends to any are refused.
    var isTooMuch: Bool { rooms.count >= AsideWrites.most }

    /// Sets a room aside; without effect where it is already.
    mutating func add(_ room: RoomIdentity) {
        if rooms[room.key] == nil { rooms[room.key] = Room(identity: room) }
    }

    /// The room can be written again: what waited is on disk.
    mutating func remove(_ room: RoomKey) -> Room? {
        rooms.removeValue(forKey: room)
    }

    /// Takes the writes of rooms set aside out of a batch.
    mutating func divert(from batch: inout PendingWrites.Batch) {
        guard !rooms.isEmpty, batch.parts.joined().contains(where: { isAside($0.room) }) else { return }
        var kept: [StoreWrite] = []
        for write in batch.parts.joined() {
            guard let room = write.room, isAside(room) else {
                kept.append(write)
                continue
            }
            let bytes = PendingWrites.size(of: CollectionOfOne(write))
            rooms[room.key]?.writes.append(write)
            rooms[room.key]?.bytes += bytes
            batch.bytes -= bytes
        }
        batch.count = kept.count
        batch.parts = kept.isEmpty ? [] : [kept[...]]
    }

    private func isAside(_ room: RoomIdentity?) -> Bool {
        room.map { rooms[$0.key] != nil } ?? false
    }
}
