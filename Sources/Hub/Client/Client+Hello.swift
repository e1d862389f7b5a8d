import HubProtocol
import Reactor

/// A `hello` that is being answered: its reply goes out when the credential is verified and every room it
/// names has answered.
struct HelloProgress {
    let id: Int64
    let session: SessionDirectory.ID?
    /// What it asks of rooms, in its order; the answers take their places.
    var rooms: [Entry]
    var unanswered = 0

    struct Entry {
        let name: String
        var request: Result<Wish, ErrorReply>
        var answer: Result<JoinAnswer.Success, ErrorReply>?
    }

    /// The fields of one room's `sub`, owned.
    struct Wish {
        var room: RoomName
        var options: SubscriptionOptions
        var since: Int64?
        var epoch: String?
        var limit: Int
    }
}

extension HelloProgress.Wish {
    init(_ fields: SubFields) {
        room = RoomName(fields.room)
        options = []
        if fields.presence { options.insert(.presence) }
        if fields.durable { options.insert(.durable) }
        since = fields.since
        epoch = fields.epoch?.string()
        limit = fields.limit
    }
}

extension Client {
    func hello(_ id: Int64, _ fields: HelloFields) {
        guard phase == .greeting else {
            malformed(CommandFault(id: id, error: ErrorReply(.badRequest, "hello was said already")))
            return
        }
        guard case .token(let token) = fields.credential else {
            refuse(id, ErrorReply(.unauthorized, "no bot is configured for telegram credentials", field: "telegram"))
            close(.unauthenticated, "no bot is configured")
            return
        }
        let rooms = fields.rooms.map { room in
            HelloProgress.Entry(name: room.name.string(), request: room.request.map(HelloProgress.Wish.init))
        }
        rareState().hello = HelloProgress(
            id: id,
            session: fields.session.flatMap { SessionDirectory.ID($0.string()) },
            rooms: rooms
        )
        phase = .authenticating
        // No push may overtake the answer: until then rooms only remember the latest for it.
        isLagging = true
        shard.verify(token.string(), for: connection.id)
    }

    /// The credential of `hello` or `auth` has been looked at.
    func verified(_ result: Result<Principal, AuthenticationFailure>) {
        if phase == .authenticating {
            finishHello(result)
        } else if let id = rare?.authCommand {
            rare?.authCommand = nil
            finishAuth(id, result)
        }
    }

    private func finishHello(_ result: Result<Principal, AuthenticationFailure>) {
        guard let hello = rare?.hello else { return }
        switch result {
        case .failure(let failure):
            refuse(hello.id, ErrorReply(.unauthorized, failure.sentence, field: "token"))
            close(.unauthenticated, failure.sentence)
        case .success(let principal):
            self.principal = principal
            // What was counted before is of nobody in particular.
            rates = nil
            cancelDeadline()
            if let session = hello.session, shard.hub.revocations.refuses(session: session.text, of: principal.tenant) {
                let sentence = "the session has been revoked"
                refuse(hello.id, ErrorReply(.unauthorized, sentence, field: "session"))
                close(.unauthenticated, sentence)
                return
            }
            let claim = shard.hub.sessions.claim(hello.session, for: principal, connection: connection.id)
            sessionID = claim.session
            if let replaced = claim.replaced, replaced != connection.id { shard.replace(replaced) }
            joinRooms(of: hello)
        }
    }

    /// Asks for every room the `hello` names. An answer may come at once or later; the reply waits for all.
    private func joinRooms(of hello: HelloProgress) {
        let share = max(4 << 10, shard.configuration.answerBytes / max(1, hello.rooms.count))
        // Held open by one, so that answers that come at once do not finish it half-way.
        rare?.hello?.unanswered = 1
        for (index, entry) in hello.rooms.enumerated() {
            switch entry.request {
            case .failure(let error): rare?.hello?.rooms[index].answer = .failure(error)
            case .success(let wish):
                if let refusal = refusal(.read, in: wish.room) ?? subscriptionRefusal(wish.room)
                    ?? rateRefusal(.reads)?.error
                {
                    rare?.hello?.rooms[index].answer = .failure(refusal)
                } else {
                    rare?.hello?.unanswered += 1
                    join(wish, id: nil, bytes: share)
                }
            }
        }
        helloAnswered()
    }

    /// A room has answered a part of `hello`.
    func helloRoomAnswered(_ room: RoomName, _ answer: Result<JoinAnswer.Success, ErrorReply>) {
        guard let index = rare?.hello?.rooms.firstIndex(where: { $0.name == room.text && $0.answer == nil })
        else { return }
        rare?.hello?.rooms[index].answer = answer
        helloAnswered()
    }

    private func helloAnswered() {
        rare?.hello?.unanswered -= 1
        guard let hello = rare?.hello, hello.unanswered == 0, let principal, let sessionID else { return }
        let configuration = shard.configuration
        let answer = HelloAnswer(
            user: principal.user,
            roles: principal.roles.names,
            session: sessionID.text,
            now: shard.loop.wallMilliseconds,
            ping: Int64(configuration.pingInterval.milliseconds),
            expires: principal.expires,
            limits: HelloAnswer.Limits(
                frame: configuration.frameBytes,
                data: configuration.dataBytes,
                rooms: configuration.roomsPerConnection,
                key: CommandLimits.keyBytes,
                history: CommandLimits().page,
                stream: configuration.streamBytes
            ),
            hasAssistant: shard.hub.assistant != nil,
            rooms: answers(of: hello)
        )
        var line: [UInt8] = []
        Reply.hello(id: hello.id, answer, into: &line)
        phase = .ready
        rare?.hello = nil
        send(line)
        shard.metrics.hellos += 1
        armExpiry()
        catchUpWithQueue()
    }

    /// The rooms' answers. Together they hold no more events than one answer may; what does not fit is fetched
    /// afterwards where the client is being recovered, and is a shorter page where it is not.
    private func answers(of hello: HelloProgress) -> [(room: String, result: Result<SubAnswer, ErrorReply>)] {
        var left = shard.configuration.answerBytes
        return hello.rooms.compactMap { entry in
            switch entry.answer {
            case nil: return nil
            case .failure(let error): return (entry.name, .failure(error))
            case .success(let success):
                var answer = success.answer
                let lost = answer.trim(toBytes: left)
                left -= answer.events.reduce(0) { $0 + $1.count }
                if lost > 0, let from = success.recoveredFrom {
                    let last = from + Int64(answer.events.count)
                    subscriptions.first { $0.room.text == entry.name }?.catchUpAfter = last
                }
                return (entry.name, .success(answer))
            }
        }
    }
}

extension SubAnswer {
    /// Takes out what does not fit: the newest events of a recovery, the oldest of a page. Says how many.
    fileprivate mutating func trim(toBytes bytes: Int) -> Int {
        let ordered = recovered ? events : events.reversed()
        var left = bytes
        let kept = ordered.prefix { event in
            left -= event.count
            return left >= 0
        }
        let lost = events.count - kept.count
        events = recovered ? Array(kept) : kept.reversed()
        if lost > 0, !recovered { more = true }
        return lost
    }
}
