/// The fields of the commands about streams, in the order of protocol.md.
extension MemberTable {
    func streamOpenFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> StreamOpenFields {
        let room = try room(scratch: &scratch)
        let stream = try stream(scratch: &scratch)
        guard !stream.starts(with: "ask:") else {
            throw ErrorReply(.forbidden, "ids that begin with ask: are the hub's", field: "stream")
        }
        return StreamOpenFields(
            room: room,
            stream: stream,
            title: try text(.title, bytes: 1...256, scratch: &scratch),
            meta: try object(.meta, limits),
            attempt: try attempt(),
            ownerEpoch: try integer(.owner_epoch, in: 0...CommandLimits.largestInteger)
        )
    }

    func streamAppendFields(
        limits: CommandLimits,
        scratch: inout ByteScratch
    ) throws(ErrorReply) -> StreamAppendFields {
        StreamAppendFields(
            stream: try stream(scratch: &scratch),
            attempt: try attempt(),
            from: try from(),
            tokens: try tokens(limits: limits, scratch: &scratch)
        )
    }

    func attempt() throws(ErrorReply) -> Int64? {
        try integer(.attempt, in: 1...CommandLimits.largestAttempt)
    }

    func from() throws(ErrorReply) -> Int64 {
        guard let from = try integer(.from, in: 0...CommandLimits.largestInteger) else { throw missing(.from) }
        return from
    }

    func streamCloseFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> StreamCloseFields {
        let stream = try stream(scratch: &scratch)
        let (state, usage, error) = try streamEnding(limits: limits, scratch: &scratch)
        return StreamCloseFields(stream: stream, state: state, usage: usage, error: error)
    }

    func streamEnding(
        limits: CommandLimits,
        scratch: inout ByteScratch
    ) throws(ErrorReply) -> (state: StreamState, usage: ByteView?, error: ByteView?) {
        let name = try requiredText(.state, scratch: &scratch)
        guard let state = StreamState(name), state == .done || state == .failed || state == .cancelled else {
            throw ErrorReply(.badRequest, "state is done, failed or cancelled", field: "state")
        }
        let error = raw(.error)
        guard (error?.count ?? 0) <= limits.streamMetaBytes else { throw tooLarge(.error, limits) }
        return (state, try object(.usage, limits), error.flatMap { $0.equals("null") ? nil : $0 })
    }

    /// The id of a stream, whoever gave it.
    func stream(scratch: inout ByteScratch) throws(ErrorReply) -> ByteView {
        let stream = try requiredText(.stream, scratch: &scratch)
        try MemberTable.checkStream(stream)
        return stream
    }

    /// Checks the form of a stream's id.
    static func checkStream(_ stream: ByteView) throws(ErrorReply) {
        let longest = stream.starts(with: "ask:") ? CommandLimits.anyStreamBytes : CommandLimits.streamBytes
        guard (1...longest).contains(stream.count) else {
            let sentence = "stream has 1 to \(longest) bytes"
            throw ErrorReply(.badRequest, sentence, field: "stream")
        }
        for index in 0..<stream.count where !ByteSet.room.contains(stream[index]) {
            throw ErrorReply(.badRequest, "a stream's id is made of A-Z a-z 0-9 _ . : / @ -", field: "stream")
        }
    }

    /// The tokens of an append: `parts`, one a string, or `text`, which is one.
    func tokens(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> StreamTokens {
        if let one = try text(.text, scratch: &scratch) {
            guard !has(.parts) else {
                throw ErrorReply(.badRequest, "parts and text exclude each other", field: "parts")
            }
            return StreamTokens(one: one.array())
        }
        guard let list = self[.parts] else { throw missing(.parts) }
        guard list.kind == .array else { throw wrongType(.parts, "a list of strings") }
        let source = text[list.range]
        var tokens = StreamTokens()
        do throws(JSONFault) {
            var scanner = JSONScanner(source, depth: limits.depth, lineBreaks: true)
            try scanner.beginArray()
            var isFirst = true
            while try scanner.nextElement(isFirst: isFirst) {
                isFirst = false
                let token = try scanner.value(inside: 1)
                guard let content = token.content else { throw JSONFault(.unexpectedByte, at: token.lower) }
                if token.kind == .plainString {
                    source[content].withUnsafeBytes { tokens.append($0) }
                } else {
                    token.text(in: source, scratch: &scratch).withUnsafeBytes { tokens.append($0) }
                }
            }
        } catch {
            throw wrongType(.parts, "a list of strings")
        }
        return tokens
    }

    /// An object exactly as it was written; nil where it is left out.
    private func object(_ member: Member, _ limits: CommandLimits) throws(ErrorReply) -> ByteView? {
        guard let token = self[member] else { return nil }
        guard token.kind == .object else { throw wrongType(member, "an object") }
        guard token.range.count <= limits.streamMetaBytes else { throw tooLarge(member, limits) }
        return text[token.range]
    }

    private func tooLarge(_ member: Member, _ limits: CommandLimits) -> ErrorReply {
        let sentence = "\(member.name) has at most \(limits.streamMetaBytes) bytes"
        return ErrorReply(.tooLarge, sentence, field: member.name)
    }
}
