import HubProtocol

/// A kept event: immutable, encoded once when it is accepted, shared by the ring, the fan-out and the writer.
public final class KeptEvent: Sendable {
    /// Its room.
    public let room: RoomIdentity
    /// Its place: counts up by one from 1 within the room.
    public let offset: Int64
    /// When it was accepted, ms since 1970 UTC.
    public let at: Int64
    /// Who sent it.
    public let by: String
    /// Its kind, 1–64 bytes of `[a-z0-9_.-]`.
    public let kind: String
    /// The sender's key, where it gave one.
    public let key: String?
    /// The push as it goes over the wire: one JSON object, no line break.
    public let line: [UInt8]
    /// Where `data` lies in `line`.
    public let data: Range<Int>

    /// Encodes the event.
    public init(
        room: RoomIdentity,
        offset: Int64,
        at: Int64,
        by: String,
        kind: String,
        key: String?,
        data: ByteView
    ) {
        self.room = room
        self.offset = offset
        self.at = at
        self.by = by
        self.kind = kind
        self.key = key
        var line: [UInt8] = []
        line.reserveCapacity(data.count + room.key.name.text.utf8.count + by.utf8.count + 128)
        self.data = Push.kept(
            room: room.key.name.text,
            offset: offset,
            at: at,
            by: by,
            kind: kind,
            key: key,
            data: data,
            into: &line
        )
        self.line = line
    }
}
