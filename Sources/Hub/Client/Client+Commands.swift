import HubProtocol
import Reactor

extension Client {
    /// The state that only few clients have at a time, made when it is first needed.
    func rareState() -> Rare {
        if let rare { return rare }
        let made = Rare()
        rare = made
        return made
    }

    /// Gives that state back as soon as it says nothing (about 200 bytes of an idle client).
    func dropIdleState() {
        if let rare, rare.isIdle { self.rare = nil }
    }

    /// A message: one command or several, one a line.
    func receive(_ message: ByteView) {
        run(LineSplitter(message))
    }

    /// Runs commands in order, or holds them where they have to wait.
    func run(_ lines: LineSplitter) {
        var count = 0
        for line in lines {
            guard phase != .closing else { return }
            count += 1
            let isBehindOthers = rare.map { !$0.held.isEmpty } ?? false
            let isOverCount = count > shard.configuration.commandsPerFrame
            if isHeld || isBehindOthers {
                hold(line, isOverCount: isOverCount)
            } else {
                run(line, isOverCount: isOverCount)
            }
        }
    }

    func run(_ line: ByteView, isOverCount: Bool) {
        shard.metrics.commands += 1
        let command: Command
        do {
            command = try shard.decoder.decode(line)
        } catch {
            if let id = error.id, id > lastCommand { lastCommand = id }
            malformed(error)
            return
        }
        guard command.id > lastCommand else {
            let sentence = "id has to be greater than the last one, \(lastCommand)"
            malformed(CommandFault(id: command.id, error: ErrorReply(.badRequest, sentence, field: "id")))
            return
        }
        lastCommand = command.id
        guard !isOverCount else {
            let sentence = "a frame holds at most \(shard.configuration.commandsPerFrame) commands"
            malformed(CommandFault(id: command.id, error: ErrorReply(.badRequest, sentence)))
            return
        }
        guard keepsRate(.commands, command.id) else { return }
        if case .hello(let fields) = command.body {
            hello(command.id, fields)
        } else if let principal {
            run(command, by: principal)
        } else {
            refuse(command.id, ErrorReply(.unauthorized, "the first command is hello"))
        }
    }

    /// Answers a command that could not be understood; too many of them close the connection.
    func malformed(_ fault: CommandFault) {
        shard.metrics.refusals += 1
        guard keepsRate(.commands, fault.id) else { return }
        refuse(fault.id, fault.error)
        guard fault.error.code == .badRequest else { return }
        malformed = malformed.nextUpToMax
        if Int(malformed) > shard.configuration.malformedTolerated {
            close(.malformedCommands, "too many malformed commands")
        }
    }

    private func run(_ command: Command, by principal: Principal) {
        let id = command.id
        if let budget = command.body.budget, !keepsRate(budget, id) { return }
        switch command.body {
        case .hello: break
        case .auth(let token): auth(id, token)
        case .sub(let fields): subscribe(id, fields)
        case .unsub(let room): unsubscribe(id, RoomName(room))
        case .send(let fields): send(id, fields, by: principal)
        case .signal(let fields): signal(id, fields, by: principal)
        case .read(let room, let upto):
            ask(id, RoomName(room), .read) { .read(user: principal.user, upto: upto, reply: $0) }
        case .history(let fields):
            let room = RoomName(fields.room)
            ask(id, room, .read) { reply in
                largeRequest = id
                rareState().asked[id] = room
                return .history(HistoryRequest(anchor: .init(fields.anchor), limit: fields.limit, reply: reply))
            }
        case .presence(let name):
            let room = RoomName(name)
            ask(id, room, .read) { reply in
                rareState().asked[id] = room
                return .presence(reply)
            }
        case .ping: answerPing(id)
        case .streamOpen(let fields): openStream(id, fields, by: principal)
        case .streamAppend(let fields): append(id, fields, by: principal)
        case .streamClose(let fields): closeStream(id, fields, by: principal)
        case .streamCancel(let stream): cancelStream(id, stream, by: principal)
        case .ask(let fields): putQuestion(id, fields, by: principal)
        case .job(let command): job(id, command, by: principal)
        case .unsupported(let name):
            refuse(id, .unsupported(command: name))
        }
    }

    private func subscribe(_ id: Int64, _ fields: SubFields) {
        let wish = HelloProgress.Wish(fields)
        if let error = refusal(.read, in: wish.room) ?? subscriptionRefusal(wish.room) {
            refuse(id, error)
            return
        }
        pendingReplies += 1
        largeRequest = id
        join(wish, id: id, bytes: shard.configuration.answerBytes)
    }

    private func send(_ id: Int64, _ fields: SendFields, by principal: Principal) {
        let room = RoomName(fields.room)
        if let error = refusal(.send, in: room) {
            refuse(id, error)
            return
        }
        pendingReplies += 1
        let request = SendRequest(
            by: principal.user,
            kind: fields.kind.string(),
            data: fields.data.array(),
            key: fields.key?.string(),
            acknowledgement: fields.ack,
            reply: .client(connection.id, id: id)
        )
        shard.ask(RoomKey(tenant: principal.tenant, name: room), .send(request))
    }

    private func signal(_ id: Int64, _ fields: SignalFields, by principal: Principal) {
        let data = fields.data?.array()
        let kind = fields.kind.string()
        ask(id, RoomName(fields.room), .signal) { reply in
            .signal(SignalRequest(by: principal.user, kind: kind, data: data, reply: reply))
        }
    }

    /// Checks the right and hands the request to the room's home.
    private func ask(
        _ id: Int64,
        _ room: RoomName,
        _ action: RoomAction,
        _ request: (ReplyTarget) -> RoomRequest
    ) {
        guard let principal else { return }
        if let error = refusal(action, in: room) {
            refuse(id, error)
            return
        }
        pendingReplies += 1
        shard.ask(RoomKey(tenant: principal.tenant, name: room), request(.client(connection.id, id: id)))
    }

    /// Hands the command to the board, which checks the right.
    private func job(_ id: Int64, _ command: JobCommand, by principal: Principal) {
        if case .claim = command { hasClaimed = true }
        pendingReplies += 1
        let reply = ReplyTarget.client(connection.id, id: id)
        shard.tellBoard(.request(JobRequest(principal: principal, command: command, reply: reply)))
    }

    private func answerPing(_ id: Int64) {
        let heads = subscriptions.compactMap { subscription in
            subscription.place.map { (room: subscription.room.text, head: $0.audience.head) }
        }
        var line: [UInt8] = []
        Reply.ping(id: id, now: shard.loop.wallMilliseconds, heads: heads, into: &line)
        send(line)
    }

    /// A home's reply to a command: sent as it is, unless it tells of a room whose right has gone meanwhile.
    func answer(_ id: Int64, _ line: [UInt8]) {
        if let room = rare?.asked.removeValue(forKey: id) {
            if let lost = refusal(.read, in: room) { refuse(id, lost) } else { send(line) }
            dropIdleState()
        } else {
            send(line)
        }
        answered(id)
    }

    /// The reply to a command has come from a home and been sent.
    func answered(_ id: Int64) {
        pendingReplies -= 1
        if id == largeRequest { largeRequest = nil } else if rare == nil { return }
        release()
    }
}

extension HistoryRequest.Anchor {
    init(_ anchor: HistoryFields.Anchor) {
        switch anchor {
        case .newest: self = .newest
        case .before(let offset): self = .before(offset)
        case .after(let offset): self = .after(offset)
        }
    }
}

extension FixedWidthInteger {
    /// One more, or the same at the largest value: peers move these counters.
    fileprivate var nextUpToMax: Self { self < .max ? self + 1 : self }
}
