import HubProtocol
import Reactor

extension Shard {
    /// Does what other shards, the store's threads and the program ask, in order.
    func receive(_ messages: [ShardMessage]) {
        messages.forEach(receive)
    }

    private func receive(_ message: ShardMessage) {
        switch message {
        case .request(let key, let request): handle(request, in: key)
        case .reply(let connection, let id, let line): send(line, replyTo: id, of: connection)
        case .outcome(let call, let outcome): calls.removeValue(forKey: call)?(outcome)
        case .joined(let connection, let answer): joined(connection, answer)
        case .left(let connection, let room, let id): clients[connection]?.left(room, id: id)
        case .caughtUp(let connection, let room, let page): clients[connection]?.caughtUp(room, page)
        case .push(let connection, let line): push(line, to: connection)
        case .batch(let identity, let batch): audiences[identity.key]?.deliver(batch, by: self)
        case .woken(let identity, let result): woken(identity, result)
        case .pageRead(let identity, let ticket, let result): room(identity)?.pageRead(ticket, result)
        case .keysRead(let identity, let result): room(identity)?.keysRead(result)
        case .streamChecked(let identity, let request, let result):
            room(identity)?.streams?.checked(request, result)
        case .committed(let commit): committed(commit)
        case .streamOpened(let connection, let id, let line, let key, let stream):
            streamOpened(connection, id: id, line, in: key, stream: stream)
        case .streamPage(let connection, let room, let page): clients[connection]?.watched(room, page)
        case .answered(let identity, let stream, let event): room(identity)?.streams?.answered(stream, event)
        case .pastAsked(let identity, let offset, let events, let reply):
            tellPast(of: identity, before: offset, events: events, reply)
        case .writability(let identity, let isWritable): room(identity)?.isWritable = isWritable
        case .trimmed(let key, let firstKept): rooms[key]?.trimmed(to: firstKept)
        case .jobs(let message): jobs?.receive(message)
        case .authenticated(let connection, let result): clients[connection]?.verified(unrevoked(result))
        case .callAuthenticated(let call, let result):
            authenticationCalls.removeValue(forKey: call)?(unrevoked(result))
        case .replaced(let connection): clients[connection]?.close(.replaced, "a newer connection took the session")
        case .revoked(let revocation): close(revokedBy: revocation)
        case .drain(let plan): drain(plan)
        case .closeAll: closeAll()
        case .report(let reply): reply(report())
        }
    }

    private func committed(_ commit: StoreCommit) {
        for (identity, attempt, stream, tokens) in commit.streams {
            room(identity)?.streams?.kept(stream, attempt: attempt, tokens: tokens)
        }
        for (identity, offset) in commit.durable { room(identity)?.committed(upto: offset) }
        for (identity, user, upto) in commit.reads { room(identity)?.committedRead(by: user, upto: upto) }
    }

    private func tellPast(
        of identity: RoomIdentity,
        before offset: Int64,
        events: Int,
        _ reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        guard let room = room(identity) else {
            reply(.failure(StoreFault("the question's room has left memory")))
            return
        }
        room.tellPast(before: offset, events: events, reply)
    }

    /// The room a message is about, unless it has left memory and come back since.
    private func room(_ identity: RoomIdentity) -> Room? {
        guard let room = rooms[identity.key], room.identity === identity else { return nil }
        return room
    }

    private func joined(_ connection: ConnectionID, _ answer: JoinAnswer) {
        clients[connection]?.joined(answer)
    }

    private func report() -> ShardMetrics {
        var report = metrics
        report.clients = clients.count
        report.rooms = rooms.count
        report.subscriptions = audiences.values.reduce(0) { $0 + $1.count }
        report.lagging = lagging.count
        report.openStreams = openStreams
        report.streamBytes = streamBytes
        report.jobs = jobs?.report()
        report.statistics = loop.statistics
        return report
    }
}
