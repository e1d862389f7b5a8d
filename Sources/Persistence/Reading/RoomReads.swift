import GRDB
import HubCore
import HubProtocol

/// The reads of a room. Each runs in one snapshot, and each sees for itself that offsets have no gaps: a damaged
/// room is a fault, never a shorter past.
struct RoomReads {
    /// What `rooms` says of a room.
    private struct Head {
        let id: Int64
        let head: Int64
        let firstKept: Int64
    }

    private let db: Database
    private let room: RoomIdentity

    init(_ db: Database, _ room: RoomIdentity) {
        self.db = db
        self.room = room
    }

    /// What a room needs to wake up.
    func snapshot(events: Int, bytes: Int) throws -> RoomSnapshot {
        guard let row = try head() else {
            return RoomSnapshot(head: 0, firstKept: 1, events: [], starts: [], reads: [:])
        }
        let newest = try before(.max, row, limit: events, bytes: bytes)
        return RoomSnapshot(
            head: row.head,
            firstKept: row.firstKept,
            events: newest,
            starts: try starts(row),
            reads: try reads(row),
            streams: try openStreams(row)
        )
    }

    /// A page of committed events, ascending.
    func page(_ range: HistoryRange) throws -> [KeptEvent] {
        guard let row = try head() else { return [] }
        let limit = min(max(range.limit, 1), 1000)
        return switch range.anchor {
        case .before(let offset): try before(offset, row, limit: limit, bytes: range.bytes)
        case .after(let offset): try after(offset, row, limit: limit, bytes: range.bytes)
        }
    }

    /// The offsets of committed sends with these keys.
    func offsets(of keys: [SendKey]) throws -> [SendKey: KeyedOffset] {
        guard let row = try head() else { return [:] }
        var found: [SendKey: KeyedOffset] = [:]
        let select = try PreparedStatement(
            db,
            "SELECT offset, at FROM keys WHERE room = ? AND user = ? AND key = ?"
        )
        defer { select.reset() }
        for key in keys {
            select.reset()
            try select.bind(row.id, at: 1)
            try select.bind(key.user, at: 2)
            try select.bind(key.key, at: 3)
            if try select.step() {
                found[key] = KeyedOffset(offset: select.int64(0), at: select.int64(1))
            }
        }
        return found
    }

    /// What has become of a stream of the room's tenant.
    func state(of stream: String) throws -> StreamState? {
        let select = try PreparedStatement(db, "SELECT state FROM streams WHERE tenant = ? AND name = ?")
        defer { select.reset() }
        try select.bind(room.key.tenant.id, at: 1)
        try select.bind(stream, at: 2)
        guard try select.step() else { return nil }
        guard let state = StreamState(rawValue: select.string(0)) else {
            throw damaged("the stream \(stream) has an unknown state")
        }
        return state
    }

    private func openStreams(_ row: Head) throws -> [StoredStream] {
        let select = try PreparedStatement(
            db,
            """
            SELECT id, name, owner, own, opened, attempt, tokens FROM streams
            WHERE room = ? AND ended IS NULL ORDER BY opened
            """
        )
        defer { select.reset() }
        try select.bind(row.id, at: 1)
        var found: [(row: Int64, stream: StoredStream)] = []
        while try select.step() {
            let stream = StoredStream(
                id: select.string(1),
                owner: select.string(2),
                isOwn: select.int64(3) != 0,
                opened: select.int64(4),
                attempt: select.int64(5),
                tokens: select.int64(6),
                text: []
            )
            found.append((select.int64(0), stream))
        }
        return try found.map { row, stream in
            var stream = stream
            stream.text = try text(of: row, stream)
            return stream
        }
    }

    private func text(of row: Int64, _ stream: StoredStream) throws -> [UInt8] {
        let select = try PreparedStatement(
            db,
            "SELECT start, upto, text FROM stream_pieces WHERE stream = ? ORDER BY start"
        )
        defer { select.reset() }
        try select.bind(row, at: 1)
        var text: [UInt8] = []
        var tokens: Int64 = 0
        while try select.step() {
            guard select.int64(0) == tokens, select.int64(1) > tokens else { break }
            text.append(select.view(2))
            tokens = select.int64(1)
        }
        guard tokens == stream.tokens else {
            throw damaged("the stream \(stream.id) has \(tokens) tokens of \(stream.tokens)")
        }
        return text
    }

    private func head() throws -> Head? {
        let select = try PreparedStatement(
            db,
            "SELECT id, head, first_kept FROM rooms WHERE tenant = ? AND name = ?"
        )
        defer { select.reset() }
        try select.bind(room.key.tenant.id, at: 1)
        try select.bind(room.key.name.text, at: 2)
        guard try select.step() else { return nil }
        let row = Head(id: select.int64(0), head: select.int64(1), firstKept: select.int64(2))
        guard row.head >= 0, row.head < .max, (1...row.head + 1).contains(row.firstKept) else {
            throw damaged("its head is \(row.head), its first kept offset \(row.firstKept)")
        }
        return row
    }

    private func before(_ offset: Int64, _ row: Head, limit: Int, bytes: Int) throws -> [KeptEvent] {
        let newest = min(row.head, offset > .min ? offset - 1 : .min)
        guard newest >= row.firstKept, limit > 0 else { return [] }
        let fewest = max(row.firstKept, newest - Int64(limit) + 1)
        let select = try PreparedStatement(
            db,
            """
            SELECT offset, at, sender, kind, key, data FROM events
            WHERE room = ? AND offset BETWEEN ? AND ? ORDER BY offset DESC
            """
        )
        let events = try events(select, row, fewest...newest, bytes: bytes, next: newest, step: -1)
        return events.reversed()
    }

    private func after(_ offset: Int64, _ row: Head, limit: Int, bytes: Int) throws -> [KeptEvent] {
        guard offset < row.head else { return [] }
        let oldest = max(row.firstKept, offset + 1)
        guard oldest <= row.head else { return [] }
        let last = row.head - oldest < Int64(limit) ? row.head : oldest + Int64(limit) - 1
        let select = try PreparedStatement(
            db,
            """
            SELECT offset, at, sender, kind, key, data FROM events
            WHERE room = ? AND offset BETWEEN ? AND ? ORDER BY offset
            """
        )
        return try events(select, row, oldest...last, bytes: bytes, next: oldest, step: 1)
    }

    private func events(
        _ select: PreparedStatement,
        _ row: Head,
        _ range: ClosedRange<Int64>,
        bytes: Int,
        next first: Int64,
        step: Int64
    ) throws -> [KeptEvent] {
        defer { select.reset() }
        try select.bind(row.id, at: 1)
        try select.bind(range.lowerBound, at: 2)
        try select.bind(range.upperBound, at: 3)
        var events: [KeptEvent] = []
        var size = 0
        var next = first
        while range.contains(next) {
            guard try select.step(), select.int64(0) == next else { throw damaged("offset \(next) is missing") }
            let event = KeptEvent(
                room: room,
                offset: next,
                at: select.int64(1),
                by: select.string(2),
                kind: select.string(3),
                key: select.optionalString(4),
                data: select.view(5)
            )
            size += event.line.count
            guard size <= bytes || events.isEmpty else { break }
            events.append(event)
            next += step
        }
        return events
    }

    private func starts(_ row: Head) throws -> [(start: Int, firstOffset: Int64)] {
        let select = try PreparedStatement(
            db,
            "SELECT start, first_offset FROM room_starts WHERE room = ? ORDER BY start"
        )
        defer { select.reset() }
        try select.bind(row.id, at: 1)
        var starts: [(start: Int, firstOffset: Int64)] = []
        while try select.step() {
            starts.append((Int(select.int64(0)), select.int64(1)))
        }
        return starts
    }

    private func reads(_ row: Head) throws -> [String: Int64] {
        let select = try PreparedStatement(db, "SELECT user, upto FROM reads WHERE room = ?")
        defer { select.reset() }
        try select.bind(row.id, at: 1)
        var reads: [String: Int64] = [:]
        while try select.step() {
            reads[select.string(0)] = select.int64(1)
        }
        return reads
    }

    private func damaged(_ what: String) -> BrokenRule {
        BrokenRule(sentence: "\(what) in the database; run apus doctor")
    }
}
