/// The fields of the commands that name a room, in the order of protocol.md.
extension MemberTable {
    func subFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> SubFields {
        try subFields(of: room(scratch: &scratch), limits: limits, scratch: &scratch)
    }

    func subFields(
        of room: RoomText,
        limits: CommandLimits,
        scratch: inout ByteScratch
    ) throws(ErrorReply) -> SubFields {
        let since = try integer(.since, in: 0...CommandLimits.largestInteger)
        let epoch = try text(.epoch, scratch: &scratch)
        if let since, since > 0, epoch == nil {
            throw ErrorReply(.badRequest, "since needs the epoch it belongs to", field: "epoch")
        }
        return SubFields(
            room: room,
            since: since,
            epoch: epoch,
            limit: try limit(limits),
            presence: try flag(.presence) ?? false,
            durable: try flag(.durable) ?? false
        )
    }

    func sendFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> SendFields {
        let room = try room(scratch: &scratch)
        let kind = try kind(scratch: &scratch)
        guard let data = try data(limits) else { throw missing(.data) }
        return SendFields(
            room: room,
            kind: kind,
            data: data,
            key: try key(scratch: &scratch),
            ack: try acknowledgement(scratch: &scratch)
        )
    }

    func signalFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> SignalFields {
        SignalFields(room: try room(scratch: &scratch), kind: try kind(scratch: &scratch), data: try data(limits))
    }

    func historyFields(limits: CommandLimits, scratch: inout ByteScratch) throws(ErrorReply) -> HistoryFields {
        let room = try room(scratch: &scratch)
        let before = try integer(.before, in: 0...CommandLimits.largestInteger)
        let after = try integer(.after, in: 0...CommandLimits.largestInteger)
        let anchor: HistoryFields.Anchor
        switch (before, after) {
        case (nil, nil): anchor = .newest
        case (let offset?, nil): anchor = .before(offset)
        case (nil, let offset?): anchor = .after(offset)
        case (_?, _?): throw ErrorReply(.badRequest, "before and after exclude each other", field: "after")
        }
        return HistoryFields(room: room, anchor: anchor, limit: try limit(limits))
    }

    /// A kind that a client may use.
    func kind(scratch: inout ByteScratch) throws(ErrorReply) -> ByteView {
        let kind = try requiredText(.kind, scratch: &scratch)
        try Kind.check(kind)
        return kind
    }

    /// A sender's key.
    func key(scratch: inout ByteScratch) throws(ErrorReply) -> ByteView? {
        try text(.key, bytes: 1...CommandLimits.keyBytes, scratch: &scratch)
    }

    /// When to answer.
    func acknowledgement(scratch: inout ByteScratch) throws(ErrorReply) -> Acknowledgement {
        guard let ack = try text(.ack, scratch: &scratch) else { return .durable }
        if ack.equals("durable") { return .durable }
        if ack.equals("accepted") { return .accepted }
        throw ErrorReply(.badRequest, "ack is accepted or durable", field: "ack")
    }

    func data(_ limits: CommandLimits) throws(ErrorReply) -> ByteView? {
        guard let data = raw(.data) else { return nil }
        guard data.count <= limits.dataBytes else { throw .dataTooLarge(limits) }
        return data
    }

    private func limit(_ limits: CommandLimits) throws(ErrorReply) -> Int {
        Int(try integer(.limit, in: 0...Int64(limits.page)) ?? Int64(CommandLimits.defaultPage))
    }
}

extension ErrorReply {
    static func dataTooLarge(_ limits: CommandLimits) -> ErrorReply {
        ErrorReply(.tooLarge, "data has at most \(limits.dataBytes) bytes", field: "data")
    }
}
