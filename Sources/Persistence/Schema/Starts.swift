import GRDB
import HubCore
import HubProtocol

/// The starts of the hub as the database remembers them.
enum Starts {
    /// Writes this start's row and reads them all.
    static func begin(_ db: Database, at wallMilliseconds: Int64) throws -> EpochList {
        var names = try read(db)
        let epoch = mintEpoch()
        try db.execute(
            sql: "INSERT INTO starts (number, epoch, started_at) VALUES (?, ?, ?)",
            arguments: [names.count, epoch, wallMilliseconds]
        )
        names.append(epoch)
        return EpochList(names)
    }

    private static func read(_ db: Database) throws -> [String] {
        var names: [String] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT number, epoch FROM starts ORDER BY number")
        while let row = try rows.next() {
            guard row[0] == names.count else {
                throw DatabaseError(
                    resultCode: .SQLITE_CORRUPT,
                    message: "the start number \(names.count) is missing in the table of starts"
                )
            }
            names.append(row[1])
        }
        return names
    }

    /// The streams that the start before left open, in rooms with a proper name.
    static func unfinishedStreams(_ db: Database) throws -> [UnfinishedStream] {
        let sql = """
            SELECT rooms.tenant, rooms.name, streams.name FROM streams JOIN rooms ON rooms.id = streams.room
            WHERE ended IS NULL ORDER BY streams.id
            """
        return try Row.fetchAll(db, sql: sql).compactMap { row in
            guard let name = try? RoomName(validating: row[1] as String) else { return nil }
            return UnfinishedStream(room: RoomKey(tenant: Tenant(row[0]), name: name), id: row[2])
        }
    }

    /// 128 random bits of the system's generator as 22 characters of base64url (RFC 4648 §5, no padding).
    static func mintEpoch() -> String {
        var generator = SystemRandomNumberGenerator()
        var bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
        var text: [UInt8] = []
        for _ in 0..<22 {
            text.append(alphabet[Int(truncatingIfNeeded: bits & 63)])
            bits >>= 6
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
