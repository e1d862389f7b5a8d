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
            newest(before: head + 1, limit: request.limit, bytes: request.bytes) { [unowned self] result in
                finish(request, result, from: nil, truncatedTo: cut)
            }
        }
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
        let answer = SubAnswer(
            epoch: shard.epochs.currentName,
            head: head,
            durable: durable,
            recovered: from != nil,
            truncatedTo: truncatedTo,
            events: events.map(\.line),
            more: more,
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
                    catchUpAfter: catchUpAfter
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
            let upto = events.last?.offset ?? after
            let page = CatchUpPage(after: after, events: events, upto: upto, complete: upto >= head, failed: false)
            shard.answerCaughtUp(connection, identity.key.name, page)
        }
    }
}
