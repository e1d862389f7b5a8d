import GRDB
import HubCore
import HubProtocol

/// Writes one batch within one transaction: all of it or nothing.
///
/// Confined to the writer's thread and the connection's access.
struct GroupCommit {
    private let start: Int64
    private var rooms: RoomRows
    private var batch = 0

    init(start: Int, cachedRooms: Int) {
        self.start = Int64(start)
        rooms = RoomRows(capacity: cachedRooms, start: Int64(start))
    }

    /// How long the parts of a commit took, in ns.
    struct Outcome {
        var commit: StoreCommit
        /// How many events it made durable.
        var events: Int
        /// The COMMIT alone: writing the log and, with `full`, waiting for the disk.
        var sync: Int64
    }

    /// Runs the transaction. After an error nothing of the batch is in the database, unless the error came from
    /// the COMMIT of a disk that wrote and then failed; writing the same batch again is right in both cases, as
    /// the transaction does not count for this connection. Where the rows of one room are at fault the error is a
    /// `RoomFault`.
    mutating func write(_ parts: [ArraySlice<StoreWrite>], _ db: Database, clock: any StoreClock) throws -> Outcome {
        if db.isInsideTransaction { try db.rollback() }
        do {
            try db.beginTransaction(.immediate)
            let progress = try apply(parts, db)
            let before = clock.now
            try db.commit()
            return Outcome(commit: progress.commit, events: progress.events, sync: clock.now - before)
        } catch {
            rooms.forget()
            if db.isInsideTransaction { try? db.rollback() }
            // A damaged page must be read anew the next time: somebody may have mended it.
            if DiskFault((error as? RoomFault)?.cause ?? error).isOfContent {
                try? db.execute(sql: "PRAGMA shrink_memory")
            }
            throw error
        }
    }

    /// A batch on its way into the database.
    private struct Progress {
        let db: Database
        let insertEvent: PreparedStatement
        let insertKey: PreparedStatement
        var commit = StoreCommit(durable: [], reads: [])
        var events = 0
        var touched: [RoomRow] = []
        var lastRoom: RoomIdentity?
        var lastRow: RoomRow?

        init(_ db: Database) throws {
            self.db = db
            insertEvent = try PreparedStatement(
                db,
                "INSERT INTO events (room, offset, at, sender, kind, key, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
            )
            insertKey = try PreparedStatement(
                db,
                "INSERT INTO keys (room, user, key, offset, at) VALUES (?, ?, ?, ?, ?)"
            )
        }
    }

    private mutating func apply(_ parts: [ArraySlice<StoreWrite>], _ db: Database) throws -> Progress {
        batch += 1
        var progress = try Progress(db)
        // Whose rows are being touched.
        var room: RoomIdentity?
        do {
            for write in parts.joined() {
                room = write.room
                try apply(write, &progress)
            }
            let updateHead = try PreparedStatement(db, "UPDATE rooms SET head = ? WHERE id = ?")
            for (index, row) in progress.touched.enumerated() {
                room = progress.commit.durable[index].room
                try updateHead.bind(row.head, at: 1)
                try updateHead.bind(row.id, at: 2)
                try updateHead.run()
                progress.commit.durable[index].offset = row.head
            }
        } catch {
            guard let room, DiskFault(error).isOfContent else { throw error }
            throw RoomFault(room: room, cause: error)
        }
        return progress
    }

    private mutating func apply(_ write: StoreWrite, _ progress: inout Progress) throws {
        switch write {
        case .event(let event): try keep(event, &progress)
        case .read(let room, let user, let upto):
            try upsertRead(rooms.row(of: room.key, progress.db), user, upto, progress.db)
            progress.commit.reads.append((room, user, upto))
        case .revocation(let revocation):
            try RevocationRows.write(revocation, progress.db)
            progress.commit.revocations.append(revocation)
        case .stream(let event, let change):
            try keep(event, &progress)
            try StreamRows(progress.db).apply(change, with: event, room: rooms.row(of: event.room.key, progress.db).id)
        case .job(let event, let job):
            try keep(event, &progress)
            try JobRows.write(job, progress.db)
        case .checkpoint(let checkpoint):
            try StreamRows(progress.db).keep(checkpoint)
            progress.commit.streams.append(
                (checkpoint.room, checkpoint.attempt, checkpoint.stream, checkpoint.to)
            )
        case .together(let first, let second):
            try apply(first, &progress)
            try apply(second, &progress)
        }
    }

    private mutating func keep(_ event: KeptEvent, _ progress: inout Progress) throws {
        let row: RoomRow
        if let lastRow = progress.lastRow, progress.lastRoom === event.room {
            row = lastRow
        } else {
            row = try rooms.row(of: event.room.key, progress.db)
            progress.lastRoom = event.room
            progress.lastRow = row
        }
        try check(event, follows: row)
        try insert(event, row, progress.insertEvent)
        if let key = event.key { try insert(key, of: event, row, progress.insertKey) }
        if !row.hasStart { try insertStart(row, at: event.offset, progress.db) }
        row.head = event.offset
        progress.events += 1
        if row.batch != batch {
            row.batch = batch
            progress.touched.append(row)
            progress.commit.durable.append((event.room, event.offset))
        }
    }

    /// Offsets have no gaps on disk, whatever the hub does.
    private func check(_ event: KeptEvent, follows row: RoomRow) throws {
        guard row.head < .max, event.offset == row.head + 1 else {
            throw BrokenRule(
                sentence: "offset \(event.offset) of room \(event.room.key.name.text) does not follow \(row.head)"
            )
        }
    }

    private func insert(_ event: KeptEvent, _ row: RoomRow, _ statement: PreparedStatement) throws {
        try statement.bind(row.id, at: 1)
        try statement.bind(event.offset, at: 2)
        try statement.bind(event.at, at: 3)
        try statement.bind(event.by, at: 4)
        try statement.bind(event.kind, at: 5)
        if let key = event.key {
            try statement.bind(key, at: 6)
        } else {
            try statement.bindNull(at: 6)
        }
        try event.line.withUnsafeBytes { line in
            try statement.run(binding: UnsafeRawBufferPointer(rebasing: line[event.data]), at: 7)
        }
    }

    private func insert(_ key: String, of event: KeptEvent, _ row: RoomRow, _ statement: PreparedStatement) throws {
        try statement.bind(row.id, at: 1)
        try statement.bind(event.by, at: 2)
        try statement.bind(key, at: 3)
        try statement.bind(event.offset, at: 4)
        try statement.bind(event.at, at: 5)
        try statement.run()
    }

    private func insertStart(_ row: RoomRow, at offset: Int64, _ db: Database) throws {
        let insert = try PreparedStatement(
            db,
            "INSERT INTO room_starts (room, start, first_offset) VALUES (?, ?, ?)"
        )
        try insert.bind(row.id, at: 1)
        try insert.bind(start, at: 2)
        try insert.bind(offset, at: 3)
        try insert.run()
        row.hasStart = true
    }

    private func upsertRead(_ row: RoomRow, _ user: String, _ upto: Int64, _ db: Database) throws {
        let upsert = try PreparedStatement(
            db,
            """
            INSERT INTO reads (room, user, upto) VALUES (?, ?, ?)
            ON CONFLICT (room, user) DO UPDATE SET upto = max(upto, excluded.upto)
            """
        )
        try upsert.bind(row.id, at: 1)
        try upsert.bind(user, at: 2)
        try upsert.bind(upto, at: 3)
        try upsert.run()
    }
}
