/// The body of `POST /api/v1/rooms/{room}/events`: the fields of `send` but the room, owned.
///
/// The rules are those of the command; on top, UTF-8 is checked, and line breaks between values are allowed and
/// taken out of `data`. Source: protocol.md, "HTTP" and "Connection".
public struct PostedEvent: Sendable, Equatable {
    /// Well-formed and not reserved.
    public let kind: String
    /// One JSON value on one line, otherwise as it was written; at most `CommandLimits.dataBytes` in that form.
    public let data: [UInt8]
    /// 1–64 bytes; the header `Idempotency-Key` is another way to give it, checked by `validKey`.
    public let key: String?
    /// When to answer.
    public let ack: Acknowledgement

    /// Reads a body. Errors: those of `send`.
    public init(body: ByteView, limits: CommandLimits = CommandLimits()) throws(ErrorReply) {
        do throws(JSONFault) {
            try JSONText.checkUTF8(body)
        } catch {
            throw ErrorReply(.badRequest, error.sentence)
        }
        var members = MemberTable()
        var scratch = ByteScratch()
        scratch.reset(capacity: body.count)
        try members.fill(from: body, limits: limits, lineBreaks: true, scratch: &scratch)
        kind = try members.kind(scratch: &scratch).string()
        guard let raw = members.raw(.data) else { throw members.missing(.data) }
        data = JSONText.removeLineBreaks(raw)
        guard data.count <= limits.dataBytes else { throw .dataTooLarge(limits) }
        key = try members.key(scratch: &scratch)?.string()
        ack = try members.acknowledgement(scratch: &scratch)
    }

    /// Checks a key that came in a header. Errors: `bad_request`, field `key`.
    public static func validKey(_ key: String) throws(ErrorReply) -> String {
        guard (1...CommandLimits.keyBytes).contains(key.utf8.count) else {
            throw ErrorReply(.badRequest, "key has 1 to \(CommandLimits.keyBytes) bytes", field: "key")
        }
        return key
    }
}
