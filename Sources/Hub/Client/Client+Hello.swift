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
        var answer: Result<SubAnswer, ErrorReply>?
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
        connection.pauseReading()
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
            cancelDeadline()
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
                if let refusal = refusal(.read, in: wish.room) ?? subscriptionRefusal(wish.room) {
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
    func helloRoomAnswered(_ room: RoomName, _ answer: Result<SubAnswer, ErrorReply>) {
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
                stream: 1 << 20
            ),
            rooms: hello.rooms.compactMap { entry in entry.answer.map { (room: entry.name, result: $0) } }
        )
        var line: [UInt8] = []
        Reply.hello(id: hello.id, answer, into: &line)
        phase = .ready
        let deferred = rare?.deferred ?? []
        rare?.hello = nil
        rare?.deferred = []
        send(line)
        shard.metrics.hellos += 1
        armExpiry()
        catchUpWithQueue()
        connection.resumeReading()
        deferred.withUnsafeBytes { run(LineSplitter(ByteView($0))) }
    }
}
