/// A room's name within its tenant, owned: `kind:id`, optionally with a side room, `kind:id/side`.
///
/// 1–128 bytes of `[A-Za-z0-9_.:/@-]`. Parts lie between `:` and `/`; none is empty or `..`. The kind ends at
/// the first `:`, there is at most one `/`, and it comes behind the id. Source: protocol.md, "Commands".
public struct RoomName: Hashable, Sendable {
    /// The whole name.
    public let text: String

    /// A copy of a name that has been checked.
    public init(_ name: RoomText) {
        text = name.bytes.string()
    }

    /// Checks and copies. Errors: `bad_request`, field `room`.
    public init(validating bytes: ByteView) throws(CommandFault) {
        do {
            self.init(try RoomText(validating: bytes))
        } catch {
            throw CommandFault(id: nil, error: error)
        }
    }

    /// Checks. Errors: `bad_request`, field `room`.
    public init(validating text: String) throws(CommandFault) {
        let bytes = [UInt8](text.utf8)
        let checked: Result<RoomName, CommandFault> = bytes.withUnsafeBytes { buffer in
            do throws(CommandFault) {
                return .success(try RoomName(validating: ByteView(buffer)))
            } catch {
                return .failure(error)
            }
        }
        self = try checked.get()
    }

    /// What sort of room: `ticket` of `ticket:42/notes`.
    public var kind: Substring {
        text[..<(text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex)]
    }

    /// Which one: `42` of `ticket:42/notes`.
    public var id: Substring {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return "" }
        return text[text.utf8.index(after: colon)..<(text.utf8.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex)]
    }

    /// The side room: `notes` of `ticket:42/notes`.
    public var side: Substring? {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return text[text.utf8.index(after: slash)...]
    }
}
