import HubProtocol
import Reactor

extension Room {
    /// Lets a connection in and answers with what it lacks, as one atomic step: everything up to the answer's
    /// head is in the answer (or fetched from there by catching up), everything after it is pushed.
    func join(_ request: JoinRequest) {
        admit(request)
        switch recovery(of: request) {
        case .complete(let after):
            recover(request, after: after, truncatedTo: nil)
        case .truncated(let cut):
            recover(request, after: cut, truncatedTo: cut)
        case .stale(let cut):
            begin(request, truncatedTo: cut)
        }
    }

    /// Answers with the newest page.
    private func begin(_ request: JoinRequest, truncatedTo: Int64?) {
        let asked = head
        newest(before: asked + 1, limit: request.limit, bytes: request.bytes) { [unowned self] result in
            let page = result.map { movedUp($0, from: asked, limit: request.limit, bytes: request.bytes) }
            finish(request, page, from: nil, truncatedTo: truncatedTo)
        }
    }

    /// The newest page again, where events came while the disk was being read: it has to end at the head, because
    /// what is pushed begins after that.
    private func movedUp(_ page: [KeptEvent], from asked: Int64, limit: Int, bytes: Int) -> [KeptEvent] {
        guard head > asked else { return page }
        let fresh = ring.before(head + 1, limit: limit, bytes: bytes)
        guard let first = fresh.first?.offset, first <= asked + 1 else { return Array(fresh) }
        var size = fresh.reduce(0) { $0 + $1.line.count }
        let older = page.reversed().drop { $0.offset >= first }.prefix(limit - fresh.count).prefix { event in
            size += event.line.count
            return size <= bytes
        }
        return older.reversed() + fresh
    }

    private func recovery(of request: JoinRequest) -> EpochCuts.Recovery {
        guard let since = request.since else { return .stale(truncatedTo: nil) }
        let reach = Int64(shard.configuration.recoverEvents)
        let bounds = EpochCuts.Bounds(head: head, firstKept: firstKept, reach: reach)
        return cuts.recovery(since: since, epoch: request.epoch, in: shard.epochs, within: bounds)
    }

    private func recover(_ request: JoinRequest, after: Int64, truncatedTo: Int64?) {
        let limit = shard.configuration.recoverEvents
        oldest(after: after, limit: limit, bytes: request.bytes) { [unowned self] result in
            // Retention may have taken the beginning while the disk was being asked.
            guard firstKept <= after + 1 else {
                begin(request, truncatedTo: truncatedTo)
                return
            }
            finish(request, result, from: after, truncatedTo: truncatedTo)
        }
    }

    private func admit(_ request: JoinRequest) {
        let member = Member(principal: request.principal, options: request.options)
        let before = members.updateValue(member, forKey: request.connection)
        if let before {
            if before.options.contains(.durable) { durableWatchers -= 1 }
        } else {
            subscribers[request.connection.loop] += 1
            personConnected(request.principal)
        }
        if request.options.contains(.durable) { durableWatchers += 1 }
    }

    /// Takes a connection out, if it is in.
    private func expel(_ connection: ConnectionID) {
        guard let member = members.removeValue(forKey: connection) else { return }
        subscribers[connection.loop] -= 1
        if member.options.contains(.durable) { durableWatchers -= 1 }
        personDisconnected(member.principal.user)
    }

    private func finish(
        _ request: JoinRequest,
        _ result: Result<[KeptEvent], StoreFault>,
        from: Int64?,
        truncatedTo: Int64?
    ) {
        guard case .success(let events) = result else {
            expel(request.connection)
            shard.answer(request, in: identity.key.name, .failure(.roomUnreadable))
            return
        }
        // What this turn has gathered belongs to those who were here before.
        flush()
        let last = from == nil ? head : events.last?.offset ?? head
        let more = (events.first?.offset ?? head + 1) > firstKept
        let open = streams?.snapshots(bytes: request.bytes)
        let answer = SubAnswer(
            epoch: shard.epochs.currentName,
            head: head,
            durable: durable,
            recovered: from != nil,
            truncatedTo: truncatedTo,
            events: events.map(\.line),
            more: more,
            streams: open?.lines ?? [],
            reads: reads.sorted { $0.key < $1.key }.map { (user: $0.key, upto: $0.value) },
            presence: request.options.contains(.presence) ? presence.people() : nil
        )
        let catchUpAfter = last < head ? last : nil
        shard.answer(
            request,
            in: identity.key.name,
            .success(
                JoinAnswer.Success(
                    identity: identity,
                    answer: answer,
                    recoveredFrom: from,
                    catchUpAfter: catchUpAfter,
                    streams: streams?.cursors ?? [:],
                    textUpto: open.flatMap { $0.isComplete ? nil : $0.cursors }
                )
            )
        )
    }

    func leave(_ request: LeaveRequest) {
        // What the turn has gathered is still theirs; nothing of the room follows the answer.
        if request.id != nil { flush() }
        expel(request.connection)
        if let id = request.id {
            shard.answerLeft(request.connection, identity.key.name, id: id)
        }
    }

    /// Gives a subscriber the next piece of what its answer could not hold.
    func catchUp(_ connection: ConnectionID, after: Int64) {
        let configuration = shard.configuration
        oldest(after: after, limit: configuration.recoverEvents, bytes: configuration.answerBytes) {
            [unowned self] result in
            guard case .success(let events) = result else {
                let page = CatchUpPage(after: after, events: [], upto: after, complete: false, failed: true)
                shard.answerCaughtUp(connection, identity.key.name, page)
                return
            }
            flush()
            // Nothing: retention has taken all of it.
            let upto = events.last?.offset ?? head
            let page = CatchUpPage(after: after, events: events, upto: upto, complete: upto >= head, failed: false)
            shard.answerCaughtUp(connection, identity.key.name, page)
        }
    }
}
