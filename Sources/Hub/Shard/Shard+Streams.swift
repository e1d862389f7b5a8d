import HubProtocol
import Reactor

extension Shard {
    // MARK: Homes answer producers and watchers

    /// Tells the producer of a stream that it has it.
    func answerOpened(_ request: StreamRequest, in key: RoomKey, _ stream: LiveStream) {
        let next = stream.text.tokens
        switch request.reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            Reply.streamOpen(id: id, offset: stream.opened, next: next, attempt: stream.attempt, into: &line)
            if connection.loop == loop.index {
                streamOpened(connection, id: id, line, in: key, stream: stream.id)
            } else {
                outboxes[connection.loop].append(
                    .streamOpened(connection, id: id, line, key, stream: stream.id)
                )
            }
        case .call(let index, let id):
            let receipt = StreamReceipt(offset: stream.opened, next: next, attempt: stream.attempt)
            finish(call: id, on: index, .streamOpened(receipt))
        case .nobody: break
        }
    }

    /// A stream has been given to a client here; one that has gone meanwhile has lost it.
    func streamOpened(_ connection: ConnectionID, id: Int64, _ line: [UInt8], in key: RoomKey, stream: String) {
        guard let client = clients[connection], client.phase != .closing else {
            ask(key, .producerLost(connection, stream: stream))
            return
        }
        client.send(line)
        client.answered(id)
    }

    func answerAppended(_ reply: ReplyTarget, next: Int64, durable: Int64) {
        switch reply {
        case .client(let connection, let id):
            var line: [UInt8] = []
            line.reserveCapacity(64)
            Reply.streamAppend(id: id, next: next, durable: durable, into: &line)
            send(line, replyTo: id, of: connection)
        case .call(let index, let id):
            finish(call: id, on: index, .streamAppended(AppendReceipt(next: next, durable: durable)))
        case .nobody: break
        }
    }

    func answer(_ request: WatchRequest, in room: RoomName, _ page: StreamPage) {
        if request.connection.loop == loop.index {
            clients[request.connection]?.watched(room, page)
        } else {
            outboxes[request.connection.loop].append(.streamPage(request.connection, room, page))
        }
    }

    /// Sends a line to a connection that did not ask for it.
    func push(_ line: [UInt8], to connection: ConnectionID) {
        if connection.loop == loop.index {
            clients[connection]?.send(line)
        } else {
            outboxes[connection.loop].append(.push(connection, line))
        }
    }

    // MARK: Time

    /// Looks after a room's streams from now on, as long as it has any.
    func watch(_ room: Room) {
        streamRooms[room.identity.key] = room
        scheduleStreamTick()
    }

    private func scheduleStreamTick() {
        guard !isStreamTickScheduled, !streamRooms.isEmpty else { return }
        isStreamTickScheduled = true
        _ = loop.schedule(after: configuration.checkpointInterval, self, tag: SweepTag.streams)
    }

    func tickStreams() {
        isStreamTickScheduled = false
        for (key, room) in streamRooms {
            room.streams?.tick()
            if room.streams?.open.isEmpty ?? true { streamRooms[key] = nil }
        }
        scheduleStreamTick()
    }

    /// The hub stops: answers end, the text of everything else goes to the store.
    func finishStreams() {
        for room in streamRooms.values { room.streams?.finish() }
    }

    // MARK: What a crash left open

    /// Wakes the rooms of streams that were open when the hub ended, so that they go on or end.
    func wakeUnfinished() {
        for room in unfinished where rooms[room] == nil { wake(room) }
    }
}
