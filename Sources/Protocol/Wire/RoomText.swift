/// A room's name as it lies in a command: checked, but borrowed, so that the way of a `send` to a room it has
/// been to before makes no string. The rules are those of `RoomName`.
public struct RoomText: Hashable {
    /// The whole name; valid as long as the view it was made from.
    public let bytes: ByteView
    private let colon: Int
    private let slash: Int

    /// Checks. Errors: `bad_request`, field `room`.
    public init(validating bytes: ByteView) throws(ErrorReply) {
        guard (1...128).contains(bytes.count) else {
            throw ErrorReply(.badRequest, "a room's name has 1 to 128 bytes", field: "room")
        }
        var colon = -1
        var slash = -1
        var part = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            guard ByteSet.room.contains(byte) else {
                throw ErrorReply(.badRequest, "a room's name is made of A-Z a-z 0-9 _ . : / @ -", field: "room")
            }
            guard byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") else { continue }
            try RoomText.check(part: bytes[part..<index])
            part = index + 1
            if byte == UInt8(ascii: ":") {
                if colon < 0 { colon = index }
            } else {
                guard slash < 0 else {
                    throw ErrorReply(.badRequest, "a room has at most one side room", field: "room")
                }
                slash = index
            }
        }
        try RoomText.check(part: bytes[part..<bytes.count])
        guard colon > 0, slash < 0 || slash > colon else {
            throw ErrorReply(.badRequest, "a room's name is kind:id or kind:id/side", field: "room")
        }
        self.bytes = bytes
        self.colon = colon
        self.slash = slash
    }

    private static func check(part: ByteView) throws(ErrorReply) {
        guard !part.isEmpty, !part.equals("..") else {
            throw ErrorReply(.badRequest, "no part of a room's name is empty or \"..\"", field: "room")
        }
    }

    /// What sort of room: `ticket` of `ticket:42/notes`.
    public var kind: ByteView { bytes[0..<colon] }

    /// Which one: `42` of `ticket:42/notes`.
    public var id: ByteView { bytes[(colon + 1)..<(slash < 0 ? bytes.count : slash)] }

    /// The side room: `notes` of `ticket:42/notes`.
    public var side: ByteView? { slash < 0 ? nil : bytes[(slash + 1)..<bytes.count] }

    /// The same bytes are the same name.
    public static func == (left: RoomText, right: RoomText) -> Bool {
        left.bytes == right.bytes
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }
}
