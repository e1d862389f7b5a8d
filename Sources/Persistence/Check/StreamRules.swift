import GRDB

/// What the tables promise about streams: every one has ended, or is open with all the text it says it has.
enum StreamRules {
    static let all: [TableRules.Rule] = [places, texts, strayPieces, lostStreams]

    private static let restore = "restore the newest copy that doctor finds healthy"

    /// A stream's two events are where it says, unless retention took them.
    private static func places(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT s.name FROM streams AS s LEFT JOIN rooms AS r ON r.id = s.room
            WHERE r.id IS NULL OR r.tenant <> s.tenant OR (s.state = 'open') <> (s.ended IS NULL)
                OR s.opened > r.head OR s.ended > r.head OR s.ended <= s.opened
                OR (s.opened >= r.first_kept AND NOT EXISTS (SELECT 1 FROM events AS e
                    WHERE e.room = s.room AND e.offset = s.opened AND e.kind = 'stream'))
                OR (s.ended >= r.first_kept AND NOT EXISTS (SELECT 1 FROM events AS e
                    WHERE e.room = s.room AND e.offset = s.ended AND e.kind = 'stream'))
            """
        return try broken(db, sql) { row in
            Finding(
                "the stream \(row["name"] as String) does not begin or end where its row says",
                advice: "its id may be taken or free wrongly; \(restore)"
            )
        }
    }

    private static func texts(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT s.name, s.tokens, coalesce(sum(upto - start), 0) AS n, coalesce(max(upto), 0) AS last
            FROM streams AS s LEFT JOIN stream_pieces AS p ON p.stream = s.id WHERE s.ended IS NULL
            GROUP BY s.id HAVING s.tokens <> n OR s.tokens <> last
            """
        return try broken(db, sql) { row in
            Finding(
                "the open stream \(row["name"] as String) should have \(row["tokens"] as Int64) tokens and has "
                    + "\(row["n"] as Int64)",
                advice: "the hub answers `unavailable` for its room; \(restore)"
            )
        }
    }

    private static func strayPieces(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT stream, count(*) AS n FROM stream_pieces
            WHERE stream NOT IN (SELECT id FROM streams WHERE ended IS NULL) GROUP BY stream
            """
        return try broken(db, sql) { row in
            Finding("\(row["n"] as Int) pieces of text belong to no open stream", advice: restore)
        }
    }

    /// A stream that was opened has a row as long as its opening event is kept.
    private static func lostStreams(_ db: Database) throws -> [Finding] {
        let sql = """
            SELECT r.name, e.offset FROM events AS e JOIN rooms AS r ON r.id = e.room
            WHERE e.kind = 'stream' AND json_valid(e.data) AND json_extract(e.data, '$.state') = 'open'
                AND NOT EXISTS (SELECT 1 FROM streams AS s
                    WHERE s.tenant = r.tenant AND s.name = json_extract(e.data, '$.stream'))
            """
        return try broken(db, sql) { row in
            Finding(
                "the stream that room \(row["name"] as String) opens at offset \(row["offset"] as Int64) is not in "
                    + "the table of streams",
                advice: "it may never end; \(restore)"
            )
        }
    }

    private static func broken(
        _ db: Database,
        _ sql: String,
        _ finding: (Row) throws -> Finding
    ) throws -> [Finding] {
        // A database that this version has not yet been started on has no streams.
        guard try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 3 else { return [] }
        return try Row.fetchAll(db, sql: sql + " LIMIT \(DatabaseCheck.listed)").map(finding)
    }
}
