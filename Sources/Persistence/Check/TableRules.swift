import GRDB

/// What the tables promise each other, rule by rule: each is a query for rows that break it.
enum TableRules {
    typealias Rule = @Sendable (Database) throws -> [Finding]

    static let all: [Rule] =
        [starts, offsets, strayEvents, lostKeys, strayKeys, roomStarts, firstStarts, reads] + StreamRules.all

    private static let restore = "restore the newest copy that doctor finds healthy"

    private static func starts(_ db: Database) throws -> [Finding] {
        try broken(db, "SELECT count(*) AS n, max(number) + 1 AS next FROM starts HAVING n <> next") { row in
            Finding(
                "the table of starts has \(row["n"] as Int) rows, but its last number is \(row["next"] as Int - 1)",
                advice: "the hub will not start on it: \(restore)"
            )
        }
    }

    /// Offsets are unique, so a room has no gap where their number, smallest and largest fit.
    private static func offsets(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT id, tenant, name, head, first_kept,
                count(offset) AS kept, min(offset) AS low, max(offset) AS high
            FROM rooms LEFT JOIN events ON room = id
            GROUP BY id
            HAVING kept <> head - first_kept + 1
                OR (kept > 0 AND (low <> first_kept OR high <> head)) OR head < 0 OR first_kept < 1
            """
        return try broken(db, sql) { row in
            let (head, firstKept) = (row["head"] as Int64, row["first_kept"] as Int64)
            let missing = try firstGap(db, room: row["id"], firstKept: firstKept)
            let gap = missing <= head ? ", offset \(missing) is missing" : ""
            return Finding(
                "\(room(row)) should keep the offsets \(firstKept) to \(head) and has \(row["kept"] as Int64) events"
                    + gap,
                advice: "the hub answers `unavailable` for this room and serves all others; \(restore)"
            )
        }
    }

    private static func firstGap(_ db: Database, room: Int64, firstKept: Int64) throws -> Int64 {
        let offsets = try Int64.fetchCursor(
            db,
            sql: "SELECT offset FROM events WHERE room = ? AND offset >= ? ORDER BY offset",
            arguments: [room, firstKept]
        )
        var expected = firstKept
        while let offset = try offsets.next(), offset == expected { expected &+= 1 }
        return expected
    }

    private static func strayEvents(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT room, count(*) AS n FROM events WHERE room NOT IN (SELECT id FROM rooms) GROUP BY room
            """
        return try broken(db, sql) { row in
            Finding(
                "\(row["n"] as Int) events belong to a room that does not exist (\(row["room"] as Int64))",
                advice: restore
            )
        }
    }

    private static func lostKeys(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT tenant, name, e.offset, sender FROM events AS e JOIN rooms ON id = e.room
            LEFT JOIN keys AS k ON k.room = e.room AND k.user = sender AND k.key = e.key
            WHERE e.key IS NOT NULL AND k.offset IS NOT e.offset
            """
        return try broken(db, sql) { row in
            Finding(
                "the event \(row["offset"] as Int64) of \(room(row)) has a key that is not in the table of keys",
                advice: "a repeated send with that key would be kept twice; \(restore)"
            )
        }
    }

    /// A key points at its event, or at one that retention took.
    private static func strayKeys(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT tenant, name, k.user, k.offset FROM keys AS k LEFT JOIN rooms ON id = k.room
            LEFT JOIN events AS e ON e.room = k.room AND e.offset = k.offset
            WHERE id IS NULL OR k.offset > head
                OR (k.offset >= first_kept AND (e.key IS NOT k.key OR e.sender IS NOT k.user))
                OR (k.offset < first_kept AND NOT EXISTS (
                    SELECT 1 FROM parting_keys AS p
                    WHERE p.at = k.at AND p.room = k.room AND p.user = k.user AND p.key = k.key))
            """
        return try broken(db, sql) { row in
            Finding(
                "a key of \(row["user"] as String) in \(room(row)) points at offset \(row["offset"] as Int64), "
                    + "which is not its event",
                advice: "a repeated send with that key would be answered wrongly; \(restore)"
            )
        }
    }

    private static func roomStarts(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT tenant, name, start, first_offset FROM room_starts AS s LEFT JOIN rooms ON id = room
            WHERE id IS NULL OR first_offset > head OR first_offset < 1
                OR start NOT IN (SELECT number FROM starts)
                OR EXISTS (SELECT 1 FROM room_starts AS later WHERE later.room = s.room
                    AND later.start > s.start AND later.first_offset <= s.first_offset)
            """
        return try broken(db, sql) { row in
            Finding(
                "\(room(row)) says that its events from \(row["first_offset"] as Int64) on are of start "
                    + "\(row["start"] as Int64), which does not fit the others",
                advice: "clients of that room may be told a wrong cut; \(restore)"
            )
        }
    }

    private static func firstStarts(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT tenant, name FROM rooms LEFT JOIN room_starts ON room = id
            WHERE head > 0 GROUP BY id HAVING min(first_offset) IS NOT 1
            """
        return try broken(db, sql) { row in
            Finding(
                "\(room(row)) does not say in which start it got its first event",
                advice: "clients of that room may be told a wrong cut; \(restore)"
            )
        }
    }

    private static func reads(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT tenant, name, user, upto, head FROM reads LEFT JOIN rooms ON id = room
            WHERE id IS NULL OR upto > head OR upto < 0
            """
        return try broken(db, sql) { row in
            Finding(
                "\(row["user"] as String) has read \(room(row)) up to \(row["upto"] as Int64), "
                    + "but its head is \(row["head"] as Int64? ?? 0)",
                advice: "their unread count is wrong until they read on; \(restore)"
            )
        }
    }

    private static func room(_ row: Row) -> String {
        guard let name = row["name"] as String?, let tenant = row["tenant"] as String? else {
            return "a room that does not exist"
        }
        return "room \(name) of tenant \(tenant)"
    }

    private static func broken(
        _ db: Database,
        _ sql: String,
        _ finding: (Row) throws -> Finding
    ) throws -> [Finding] {
        let rows = try Row.fetchAll(db, sql: sql + " LIMIT \(DatabaseCheck.listed)")
        return try rows.map(finding)
    }
}
