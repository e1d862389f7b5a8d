import GRDB
import HubCore
import HubProtocol

/// What the writer knows of a room's rows: read once, then kept in step with what it writes.
final class RoomRow {
    let id: Int64
    var head: Int64
    /// Whether this start has its row in `room_starts`.
    var hasStart: Bool
    /// The batch that wrote to it last.
    var batch = 0

    init(id: Int64, head: Int64, hasStart: Bool) {
        self.id = id
        self.head = head
        self.hasStart = hasStart
    }
}

/// The writer's bounded memory of rooms. Two generations stand for least-recently-used: where the young one is
/// full it becomes the old one, and what is not asked for again goes with it.
///
/// Confined to the writer's thread. After a rollback nothing in it is true any more: call `forget()`.
struct RoomRows {
    private let capacity: Int
    private let start: Int64
    private var young: [RoomKey: RoomRow] = [:]
    private var old: [RoomKey: RoomRow] = [:]

    init(capacity: Int, start: Int64) {
        self.capacity = max(capacity, 1)
        self.start = start
    }

    /// Rooms remembered.
    var count: Int { young.count + old.count }

    /// Forgets every room.
    mutating func forget() {
        young.removeAll(keepingCapacity: true)
        old.removeAll()
    }

    /// The row of a room: remembered, read, or inserted.
    mutating func row(of room: RoomKey, _ db: Database) throws -> RoomRow {
        if let row = young[room] { return row }
        let row = try old.removeValue(forKey: room) ?? read(room, db) ?? insert(room, db)
        if young.count >= capacity {
            old = young
            young = [:]
        }
        young[room] = row
        return row
    }

    private func read(_ room: RoomKey, _ db: Database) throws -> RoomRow? {
        let select = try PreparedStatement(
            db,
            """
            SELECT id, head, EXISTS (SELECT 1 FROM room_starts WHERE room = id AND start = ?)
            FROM rooms WHERE tenant = ? AND name = ?
            """
        )
        defer { select.reset() }
        try select.bind(start, at: 1)
        try select.bind(room.tenant.id, at: 2)
        try select.bind(room.name.text, at: 3)
        guard try select.step() else { return nil }
        return RoomRow(id: select.int64(0), head: select.int64(1), hasStart: select.int64(2) != 0)
    }

    private func insert(_ room: RoomKey, _ db: Database) throws -> RoomRow {
        let insert = try PreparedStatement(db, "INSERT INTO rooms (tenant, name) VALUES (?, ?)")
        try insert.bind(room.tenant.id, at: 1)
        try insert.bind(room.name.text, at: 2)
        try insert.run()
        return RoomRow(id: db.lastInsertedRowID, head: 0, hasStart: false)
    }
}
