import HubProtocol
import Reactor

extension Shard {
    // MARK: Clients ask homes

    /// Asks a room's home, here or on another loop.
    func ask(_ key: RoomKey, _ request: RoomRequest) {
        ask(key, home: hub.home(of: key.name, in: key.tenant), request)
    }

    func ask(_ key: RoomKey, home: Int, _ request: RoomRequest) {
        if home == loop.index {
            handle(request, in: key)
        } else {
            outboxes[home].append(.request(key, request))
        }
    }

    func handle(_ request: RoomRequest, in key: RoomKey) {
        if let room = rooms[key] {
            room.handle(request)
            return
        }
        if case .leave(let leave) = request {
            // Nobody is in a room that is not in memory.
            if let id = leave.id { answerLeft(leave.connection, key.name, id: id) }
            return
        }
        wake(key).handle(request)
    }

    /// Takes a room into memory and asks the disk for it.
    @discardableResult
    func wake(_ key: RoomKey) -> Room {
        let identity = RoomIdentity(key: key, home: loop.index)
        let room = Room(identity: identity, shard: self)
        rooms[key] = room
        store.load(identity, events: configuration.ringEvents, bytes: configuration.ringBytes) { [inbox] result in
            inbox.post(.woken(identity, result))
        }
        return room
    }

    func woken(_ identity: RoomIdentity, _ result: Result<RoomSnapshot, StoreFault>) {
        guard let room = rooms[identity.key], room.identity === identity else { return }
        // A room that could not be read leaves memory, so that the next request tries again.
        if case .failure = result { rooms[identity.key] = nil } else { unfinished.remove(identity.key) }
        room.woke(result)
    }

    /// Why nothing may be kept right now; nil where it may.
    func storeRefusal() -> ErrorReply? {
        switch store.condition {
        case .ready: nil
        case .busy(let wait): ErrorReply(.busy, "the store is catching up", retryAfter: wait)
        case .unavailable: .storeUnavailable
        }
    }

    // MARK: Homes answer clients

    func answer(_ request: JoinRequest, in room: RoomName, _ outcome: Result<JoinAnswer.Success, ErrorReply>) {
        let answer = JoinAnswer(room: room, id: request.id, outcome: outcome)
        if request.connection.loop == loop.index {
            clients[request.connection]?.joined(answer)
        } else {
            outboxes[request.connection.loop].append(.joined(request.connection, answer))
        }
    }

    func answerLeft(_ connection: ConnectionID, _ room: RoomName, id: Int64) {
        if connection.loop == loop.index {
            clients[connection]?.left(room, id: id)
        } else {
            outboxes[connection.loop].append(.left(connection, room, id: id))
        }
    }

    func answerCaughtUp(_ connection: ConnectionID, _ room: RoomName, _ page: CatchUpPage) {
        if connection.loop == loop.index {
            clients[connection]?.caughtUp(room, page)
        } else {
            outboxes[connection.loop].append(.caughtUp(connection, room, page))
        }
    }

    /// Sends the reply to a command of a client.
    func send(_ line: [UInt8], replyTo id: Int64, of connection: ConnectionID) {
        if connection.loop == loop.index {
            clients[connection]?.answer(id, line)
        } else {
            outboxes[connection.loop].append(.reply(connection, id: id, line))
        }
    }

    func acknowledge(_ reply: ReplyTarget, _ receipt: SendReceipt) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            receipt.append(replyTo: id, into: &line)
            send(line, replyTo: id, of: connection)
        case .call(let index, let id): finish(call: id, on: index, .sent(receipt))
        case .nobody: break
        }
    }

    func answer(_ reply: ReplyTarget, _ page: HistoryPage) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            Reply.history(id: id, events: page.events, more: page.more, epoch: page.epoch, into: &line)
            send(line, replyTo: id, of: connection)
        case .call(let index, let id): finish(call: id, on: index, .page(page))
        case .nobody: break
        }
    }

    func refuse(_ reply: ReplyTarget, _ error: ErrorReply) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            Reply.error(id: id, error, into: &line)
            send(line, replyTo: id, of: connection)
        case .call(let index, let id): finish(call: id, on: index, .refused(error))
        case .nobody: break
        }
    }

    func succeed(_ reply: ReplyTarget) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            Reply.empty(id: id, into: &line)
            send(line, replyTo: id, of: connection)
        case .call(let index, let id): finish(call: id, on: index, .done)
        case .nobody: break
        }
    }

    /// Answers a `job.*` command with its object.
    func answer(_ reply: ReplyTarget, job object: [UInt8]) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            Reply.ok(id: id, into: &line) { $0.append(contentsOf: object) }
            send(line, replyTo: id, of: connection)
        case .call(let index, let id): finish(call: id, on: index, .job(object))
        case .nobody: break
        }
    }

    /// Tells the board of jobs something, wherever it is.
    func tellBoard(_ message: JobMessage) {
        if let jobs {
            jobs.receive(message)
        } else {
            outboxes[JobBoard.loop].append(.jobs(message))
        }
    }

    func finish(call id: UInt64, on index: Int, _ outcome: CallOutcome) {
        if index == loop.index {
            calls.removeValue(forKey: id)?(outcome)
        } else {
            outboxes[index].append(.outcome(call: id, outcome))
        }
    }

    // MARK: Fan-out

    func deliver(_ batch: Batch, of identity: RoomIdentity, to index: Int) {
        if index == loop.index {
            audiences[identity.key]?.deliver(batch, by: self)
        } else {
            outboxes[index].append(.batch(identity, batch))
        }
    }

    /// The audience of a room on this loop, made with its first subscriber.
    func audience(of identity: RoomIdentity, head: Int64) -> Audience {
        if let known = audiences[identity.key] {
            known.reached(head)
            return known
        }
        let made = Audience(identity: identity, head: head)
        audiences[identity.key] = made
        return made
    }

    /// A subscriber has left; an audience without any goes.
    func released(_ audience: Audience) {
        if audience.count == 0 { audiences[audience.identity.key] = nil }
    }
}

extension SendReceipt {
    /// Appends the reply to the command it answers.
    fileprivate func append(replyTo id: Int64, into line: inout [UInt8]) {
        switch answers {
        case .send:
            Reply.send(id: id, offset: offset, epoch: epoch, at: at, duplicate: duplicate, into: &line)
        case .ask(let stream):
            Reply.ask(
                id: id,
                offset: offset,
                epoch: epoch,
                at: at,
                stream: stream,
                duplicate: duplicate,
                into: &line
            )
        case .ending: Reply.streamClose(id: id, offset: offset, into: &line)
        }
    }
}

extension ErrorReply {
    /// The disk refuses; nothing was kept.
    static var storeUnavailable: ErrorReply {
        ErrorReply(.unavailable, "nothing can be kept at the moment: the disk refuses", retryAfter: 1000)
    }
}
