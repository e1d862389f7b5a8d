import GRDB
import HubCore
import HubProtocol

/// The rows of streams within one transaction of the writer.
struct StreamRows {
    private let db: Database

    init(_ db: Database) {
        self.db = db
    }

    /// What an event means for its stream.
    func apply(_ change: StreamChange, with event: KeptEvent, room: Int64) throws {
        switch change {
        case .opened(let id, let owner, let isOwn, let attempt):
            let insert = try PreparedStatement(
                db,
                """
                INSERT INTO streams (tenant, name, room, owner, own, state, opened, attempt)
                VALUES (?, ?, ?, ?, ?, 'open', ?, ?)
                """
            )
            try insert.bind(event.room.key.tenant.id, at: 1)
            try insert.bind(id, at: 2)
            try insert.bind(room, at: 3)
            try insert.bind(owner, at: 4)
            try insert.bind(isOwn ? 1 : 0, at: 5)
            try insert.bind(event.offset, at: 6)
            try insert.bind(attempt, at: 7)
            try insert.run()
        case .ended(let id, let state):
            guard let stream = try openStream(id, of: event.room) else {
                throw BrokenRule(sentence: "the stream \(id) ends and is not open")
            }
            try drop(piecesOf: stream)
            let update = try PreparedStatement(db, "UPDATE streams SET state = ?, ended = ? WHERE id = ?")
            try update.bind(state.rawValue, at: 1)
            try update.bind(event.offset, at: 2)
            try update.bind(stream, at: 3)
            try update.run()
        }
    }

    /// Keeps a piece of text. One of a stream that is not open says nothing any more.
    func keep(_ piece: StreamCheckpoint) throws {
        guard let stream = try openStream(piece.stream, of: piece.room) else { return }
        if piece.isFirst { try drop(piecesOf: stream) }
        if piece.to > piece.from {
            let insert = try PreparedStatement(
                db,
                "INSERT INTO stream_pieces (stream, start, upto, text) VALUES (?, ?, ?, ?)"
            )
            try insert.bind(stream, at: 1)
            try insert.bind(piece.from, at: 2)
            try insert.bind(piece.to, at: 3)
            try piece.text.withUnsafeBytes { try insert.run(binding: $0, at: 4) }
        }
        let update = try PreparedStatement(db, "UPDATE streams SET attempt = ?, tokens = ? WHERE id = ?")
        try update.bind(piece.attempt, at: 1)
        try update.bind(piece.to, at: 2)
        try update.bind(stream, at: 3)
        try update.run()
    }

    private func openStream(_ id: String, of room: RoomIdentity) throws -> Int64? {
        let select = try PreparedStatement(
            db,
            "SELECT id FROM streams WHERE tenant = ? AND name = ? AND ended IS NULL"
        )
        defer { select.reset() }
        try select.bind(room.key.tenant.id, at: 1)
        try select.bind(id, at: 2)
        return try select.step() ? select.int64(0) : nil
    }

    private func drop(piecesOf stream: Int64) throws {
        let delete = try PreparedStatement(db, "DELETE FROM stream_pieces WHERE stream = ?")
        try delete.bind(stream, at: 1)
        try delete.run()
    }
}
