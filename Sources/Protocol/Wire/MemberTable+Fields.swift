/// The members as the types that the contract gives them. Each error is `bad_request` and names the field.
extension MemberTable {
    /// A string, escapes resolved; nil where it is left out.
    func text(_ member: Member, scratch: inout ByteScratch) throws(ErrorReply) -> ByteView? {
        guard let token = self[member] else { return nil }
        guard token.content != nil else { throw wrongType(member, "a string") }
        return token.text(in: text, scratch: &scratch)
    }

    /// A string that must be there.
    func requiredText(_ member: Member, scratch: inout ByteScratch) throws(ErrorReply) -> ByteView {
        guard let text = try text(member, scratch: &scratch) else { throw missing(member) }
        return text
    }

    /// A string of a bounded length; nil where it is left out.
    func text(_ member: Member, bytes: ClosedRange<Int>, scratch: inout ByteScratch) throws(ErrorReply) -> ByteView? {
        guard let text = try text(member, scratch: &scratch) else { return nil }
        guard bytes.contains(text.count) else {
            let sentence = "\(member.name) has \(bytes.lowerBound) to \(bytes.upperBound) bytes"
            throw ErrorReply(.badRequest, sentence, field: member.name)
        }
        return text
    }

    /// A plain integer within bounds; nil where it is left out.
    func integer(_ member: Member, in range: ClosedRange<Int64>) throws(ErrorReply) -> Int64? {
        guard let token = self[member] else { return nil }
        guard token.kind == .number else { throw wrongType(member, "an integer") }
        guard let value = JSONInteger.value(of: text[token.range]), range.contains(value) else {
            let sentence = "\(member.name) is a plain integer from \(range.lowerBound) to \(range.upperBound)"
            throw ErrorReply(.badRequest, sentence, field: member.name)
        }
        return value
    }

    /// A boolean; nil where it is left out.
    func flag(_ member: Member) throws(ErrorReply) -> Bool? {
        guard let token = self[member] else { return nil }
        switch token.kind {
        case .true: return true
        case .false: return false
        default: throw wrongType(member, "true or false")
        }
    }

    /// Any value exactly as it was written; nil where it is left out.
    func raw(_ member: Member) -> ByteView? {
        self[member].map { text[$0.range] }
    }

    /// The room, checked.
    func room(scratch: inout ByteScratch) throws(ErrorReply) -> RoomText {
        try RoomText(validating: requiredText(.room, scratch: &scratch))
    }

    /// The error for a member that must be there and is not.
    func missing(_ member: Member) -> ErrorReply {
        ErrorReply(.badRequest, "\(member.name) is missing", field: member.name)
    }

    /// The error for a value of another type.
    func wrongType(_ member: Member, _ expected: String) -> ErrorReply {
        ErrorReply(.badRequest, "\(member.name) is to be \(expected)", field: member.name)
    }
}
