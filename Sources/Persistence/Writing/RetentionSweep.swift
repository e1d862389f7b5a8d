import GRDB
import HubCore
import HubProtocol

/// Takes away events that are past their time, a bite at a time: one transaction removes at most `bite` events
/// of one room and moves its `first_kept`. Heads, starts and read marks stay.
///
/// A key goes with its event where it is older than the keys' lifetime; a younger one is noted in `parting_keys`
/// and goes when its time has come. Confined to the writer's thread.
struct RetentionSweep {
    static let bite = 500

    private let rules: [String: StoreConfiguration.Retention]
    private let keyLifetime: Int64
    private var lastRoom: Int64 = 0
    private var isRunning = false
    private var roomAtHand: Int64?

    init(_ configuration: StoreConfiguration) {
        rules = configuration.retention.filter { $0.value.days != nil || $0.value.events != nil }
        keyLifetime = configuration.keyLifetime.wholeNanoseconds / 1_000_000
    }

    /// Whether any kind of room has a rule.
    var isNeeded: Bool { !rules.isEmpty }

    /// What one bite did.
    struct Bite: Equatable {
        var events = 0
        var keys = 0
        /// Whether the sweep has gone through everything.
        var isLast = false
        /// The room it was taken from, and what that keeps now.
        var trimmed: Trimmed?

        struct Trimmed: Equatable {
            let room: RoomKey
            let firstKept: Int64
        }
    }

    /// Leaves out the room at which a bite failed; false where it failed at none.
    mutating func skipRoom() -> Bool {
        guard let room = roomAtHand else { return false }
        lastRoom = room
        return true
    }

    /// Does one bite of a sweep, in a transaction of its own; a sweep begins with the first bite after a last one.
    mutating func bite(_ db: Database, now wallMilliseconds: Int64) throws -> Bite {
        if !isRunning {
            isRunning = true
            lastRoom = 0
        }
        var bite = Bite()
        roomAtHand = nil
        if db.isInsideTransaction { try db.rollback() }
        try db.inTransaction(.immediate) {
            if let room = try nextRoom(db) {
                roomAtHand = room.id
                bite = try trim(room, db, now: wallMilliseconds)
                if bite.events < RetentionSweep.bite { lastRoom = room.id }
            } else {
                bite.keys = try partKeys(db, before: wallMilliseconds - keyLifetime)
                bite.isLast = bite.keys < RetentionSweep.bite
            }
            return .commit
        }
        if bite.isLast { isRunning = false }
        return bite
    }

    private struct Room {
        let id: Int64
        let key: RoomKey
        let head: Int64
        let firstKept: Int64
        let rule: StoreConfiguration.Retention
    }

    /// The next room that has a rule and keeps anything.
    private func nextRoom(_ db: Database) throws -> Room? {
        let select = try PreparedStatement(
            db,
            "SELECT id, name, head, first_kept, tenant FROM rooms WHERE id > ? AND first_kept <= head ORDER BY id"
        )
        defer { select.reset() }
        try select.bind(lastRoom, at: 1)
        while try select.step() {
            guard let name = try? RoomName(validating: select.string(1)), let rule = rules[String(name.kind)] else {
                continue
            }
            return Room(
                id: select.int64(0),
                key: RoomKey(tenant: Tenant(select.string(4)), name: name),
                head: select.int64(2),
                firstKept: select.int64(3),
                rule: rule
            )
        }
        return nil
    }

    private func trim(_ room: Room, _ db: Database, now: Int64) throws -> Bite {
        let fewest = room.rule.events.map { room.head - Int64(max($0, 0)) + 1 } ?? 0
        let oldest = room.rule.days.map { now - Int64(max($0, 0)) * 86_400_000 } ?? .min
        let select = try PreparedStatement(
            db,
            "SELECT offset, at, sender, key FROM events WHERE room = ? AND offset >= ? ORDER BY offset LIMIT ?"
        )
        try select.bind(room.id, at: 1)
        try select.bind(room.firstKept, at: 2)
        try select.bind(Int64(RetentionSweep.bite), at: 3)
        var going: [(at: Int64, user: String, key: String?)] = []
        var firstKept = room.firstKept
        do {
            defer { select.reset() }
            while try select.step() {
                let (offset, at) = (select.int64(0), select.int64(1))
                guard offset < fewest || at < oldest else { break }
                going.append((at, select.string(2), select.optionalString(3)))
                firstKept = offset + 1
            }
        }
        guard !going.isEmpty else { return Bite() }
        try db.execute(
            sql: "DELETE FROM events WHERE room = ? AND offset < ?",
            arguments: [room.id, firstKept]
        )
        try db.execute(
            sql: "DELETE FROM streams WHERE room = ? AND ended < ?",
            arguments: [room.id, firstKept]
        )
        try db.execute(
            sql: "UPDATE rooms SET first_kept = ? WHERE id = ?",
            arguments: [firstKept, room.id]
        )
        for case let (at, user, key?) in going {
            if at < now - keyLifetime {
                try db.execute(
                    sql: "DELETE FROM keys WHERE room = ? AND user = ? AND key = ?",
                    arguments: [room.id, user, key]
                )
            } else {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO parting_keys (at, room, user, key) VALUES (?, ?, ?, ?)",
                    arguments: [at, room.id, user, key]
                )
            }
        }
        return Bite(events: going.count, trimmed: Bite.Trimmed(room: room.key, firstKept: firstKept))
    }

    private func partKeys(_ db: Database, before: Int64) throws -> Int {
        let parting = try Row.fetchAll(
            db,
            sql: "SELECT at, room, user, key FROM parting_keys WHERE at < ? ORDER BY at LIMIT ?",
            arguments: [before, RetentionSweep.bite]
        )
        for row in parting {
            try db.execute(
                sql: "DELETE FROM keys WHERE room = ? AND user = ? AND key = ? AND at = ?",
                arguments: [row["room"], row["user"], row["key"], row["at"]]
            )
            try db.execute(
                sql: "DELETE FROM parting_keys WHERE at = ? AND room = ? AND user = ? AND key = ?",
                arguments: [row["at"], row["room"], row["user"], row["key"]]
            )
        }
        return parting.count
    }
}
