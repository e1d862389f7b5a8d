/// Where the members of one object lie: filled in one pass over the object, then asked by name.
///
/// Holds ranges, not bytes; kept from one command to the next so that filling it allocates nothing. An object's
/// members may come in any order; one given twice is a fault, known to the hub or not, but the pass goes on behind
/// it, because the `id` to answer to may come later.
struct MemberTable {
    /// What the object was read from.
    private(set) var text: ByteView = .empty
    private var tokens = InlineArray<32, JSONToken>(repeating: MemberTable.unreadable)
    private var present: UInt64 = 0
    private var unknown: [ByteView] = []

    /// Stands for an `id` that was given twice: no integer can be read from it.
    private static let unreadable = JSONToken(.null, 0, 0)

    /// The value of a member, where the object has it.
    subscript(member: Member) -> JSONToken? {
        has(member) ? tokens[Int(member.rawValue)] : nil
    }

    /// Whether the object has the member.
    func has(_ member: Member) -> Bool {
        present & (1 &<< UInt64(member.rawValue)) != 0
    }

    /// Reads an object with nothing but white space around it. After an error what was read until then is there.
    mutating func fill(
        from text: ByteView,
        limits: CommandLimits,
        lineBreaks: Bool,
        scratch: inout ByteScratch
    ) throws(ErrorReply) {
        self.text = text
        present = 0
        unknown.removeAll(keepingCapacity: true)
        var current: Member?
        let twice: ErrorReply?
        do throws(JSONFault) {
            twice = try scan(limits: limits, lineBreaks: lineBreaks, scratch: &scratch, current: &current)
        } catch {
            let sentence =
                error.reason == .tooDeep
                ? "the JSON is nested deeper than \(min(limits.depth, JSONScanner.deepest)) levels" : error.sentence
            throw ErrorReply(.badRequest, sentence, field: current?.name)
        }
        if let twice { throw twice }
    }

    private mutating func scan(
        limits: CommandLimits,
        lineBreaks: Bool,
        scratch: inout ByteScratch,
        current: inout Member?
    ) throws(JSONFault) -> ErrorReply? {
        var scanner = JSONScanner(text, depth: limits.depth, lineBreaks: lineBreaks)
        var fault: ErrorReply?
        var count = 0
        try scanner.beginObject()
        while let token = try scanner.nextMember(isFirst: count == 0) {
            count += 1
            let name = token.text(in: text, scratch: &scratch)
            let member = Member.named(name)
            current = member
            let value = try scanner.value(inside: 1)
            current = nil
            let isOver = count > limits.members
            if isOver { fault = fault ?? ErrorReply(.badRequest, "a command has at most \(limits.members) members") }
            // The known ones are few, and `id` is wanted for the answer wherever it stands.
            if isOver, member == nil { continue }
            if !keep(value, as: member, name: name) {
                let field = name.count <= 64 ? name.string() : nil
                fault = fault ?? ErrorReply(.badRequest, "a member is given twice", field: field)
                if member == .id { tokens[Int(Member.id.rawValue)] = MemberTable.unreadable }
            }
        }
        try scanner.expectEnd()
        return fault
    }

    /// Whether it was not there before.
    private mutating func keep(_ value: JSONToken, as member: Member?, name: ByteView) -> Bool {
        guard let member else {
            if unknown.contains(name) { return false }
            unknown.append(name)
            return true
        }
        if has(member) { return false }
        present |= 1 &<< UInt64(member.rawValue)
        tokens[Int(member.rawValue)] = value
        return true
    }

}
