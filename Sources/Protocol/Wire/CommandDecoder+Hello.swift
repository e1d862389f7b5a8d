extension CommandDecoder {
    /// The fields of `hello`.
    mutating func hello() throws(ErrorReply) -> HelloFields {
        HelloFields(
            credential: try helloCredential(),
            client: try members.text(.client, bytes: 1...256, scratch: &scratch),
            session: try members.text(.session, bytes: 1...128, scratch: &scratch),
            rooms: try helloRooms()
        )
    }

    /// A JWT or initData: some bytes, bounded, and never repeated in an error.
    mutating func credential(_ member: Member) throws(ErrorReply) -> ByteView {
        let text = try members.requiredText(member, scratch: &scratch)
        guard !text.isEmpty else {
            throw ErrorReply(.badRequest, "\(member.name) is empty", field: member.name)
        }
        guard text.count <= limits.credentialBytes else {
            let sentence = "\(member.name) has at most \(limits.credentialBytes) bytes"
            throw ErrorReply(.tooLarge, sentence, field: member.name)
        }
        return text
    }

    private mutating func helloCredential() throws(ErrorReply) -> HelloFields.Credential {
        guard members.has(.telegram) else { return .token(try credential(.token)) }
        guard !members.has(.token) else {
            throw ErrorReply(.badRequest, "token and telegram exclude each other", field: "telegram")
        }
        return .telegram(initData: try credential(.telegram), bot: try bot())
    }

    /// The id of a bot: an integer, or a string.
    private mutating func bot() throws(ErrorReply) -> ByteView? {
        guard members[.bot]?.kind == .number else {
            return try members.text(.bot, bytes: 1...64, scratch: &scratch)
        }
        _ = try members.integer(.bot, in: 1...CommandLimits.largestInteger)
        return members.raw(.bot)
    }

    private mutating func helloRooms() throws(ErrorReply) -> [HelloRoom] {
        guard let token = members[.rooms] else { return [] }
        guard token.kind == .object else { throw members.wrongType(.rooms, "an object") }
        let text = members.text[token.range]
        var rooms: [HelloRoom] = []
        var places: [ByteView: Int] = [:]
        do throws(JSONFault) {
            var scanner = JSONScanner(text, depth: limits.depth, lineBreaks: false)
            try scanner.beginObject()
            while let nameToken = try scanner.nextMember(isFirst: rooms.isEmpty) {
                let value = try scanner.value(inside: 1)
                let name = nameToken.text(in: text, scratch: &scratch)
                if let place = places[name] {
                    let error = ErrorReply(.badRequest, "the room is given twice", field: "rooms")
                    rooms[place] = HelloRoom(name: name, request: .failure(error))
                    continue
                }
                places[name] = rooms.count
                rooms.append(helloRoom(name, text[value.range], value.kind))
                if rooms.count > limits.rooms { break }
            }
        } catch {
            throw ErrorReply(.badRequest, error.sentence, field: "rooms")
        }
        guard rooms.count <= limits.rooms else {
            throw ErrorReply(.tooLarge, "rooms has at most \(limits.rooms) members", field: "rooms")
        }
        return rooms
    }

    private mutating func helloRoom(_ name: ByteView, _ value: ByteView, _ kind: JSONToken.Kind) -> HelloRoom {
        do throws(ErrorReply) {
            let room = try RoomText(validating: name)
            guard kind == .object else {
                throw ErrorReply(.badRequest, "a room's fields are to be an object", field: "rooms")
            }
            try entry.fill(from: value, limits: limits, lineBreaks: false, scratch: &scratch)
            return HelloRoom(
                name: name,
                request: .success(try entry.subFields(of: room, limits: limits, scratch: &scratch))
            )
        } catch {
            return HelloRoom(name: name, request: .failure(error))
        }
    }
}
