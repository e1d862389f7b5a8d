import HubProtocol
import Reactor

extension Client {
    // MARK: Producing

    func openStream(_ id: Int64, _ fields: StreamOpenFields, by principal: Principal) {
        let room = RoomName(fields.room)
        if let error = refusal(.stream, in: room) {
            refuse(id, error)
            return
        }
        let opening = StreamRequest.Opening(
            title: fields.title?.string(),
            meta: fields.meta?.array(),
            attempt: fields.attempt,
            ownerEpoch: fields.ownerEpoch
        )
        let key = RoomKey(tenant: principal.tenant, name: room)
        ask(id, stream: fields.stream.string(), in: key, by: principal, .open(opening))
    }

    func append(_ id: Int64, _ fields: StreamAppendFields, by principal: Principal) {
        let appending = StreamRequest.Appending(
            attempt: fields.attempt,
            from: fields.from,
            tokens: fields.tokens
        )
        produce(id, fields.stream, by: principal, .append(appending))
    }

    func closeStream(_ id: Int64, _ fields: StreamCloseFields, by principal: Principal) {
        produce(id, fields.stream, by: principal, .close(StreamEnding(fields)))
    }

    func cancelStream(_ id: Int64, _ stream: ByteView, by principal: Principal) {
        let name = stream.string()
        switch shard.find(stream: name, for: principal, .cancel) {
        case .success(let room): ask(id, stream: name, in: room, by: principal, .cancel)
        case .failure(let error): refuse(id, error)
        }
    }

    private func produce(
        _ id: Int64,
        _ stream: ByteView,
        by principal: Principal,
        _ action: StreamRequest.Action
    ) {
        let name = stream.string()
        switch shard.find(stream: name, for: principal, .stream) {
        case .success(let room): ask(id, stream: name, in: room, by: principal, action)
        case .failure(let error): refuse(id, error)
        }
    }

    private func ask(
        _ id: Int64,
        stream: String,
        in room: RoomKey,
        by principal: Principal,
        _ action: StreamRequest.Action
    ) {
        pendingReplies += 1
        let request = StreamRequest(
            stream: stream,
            by: principal,
            connection: connection.id,
            action: action,
            reply: .client(connection.id, id: id)
        )
        shard.ask(room, .stream(request))
    }

    /// The connection ends: others may take up what it produced.
    func leaveStreams() {
        for (stream, room) in shard.hub.streams.streams(of: connection.id) {
            shard.ask(room, .producerLost(connection.id, stream: stream))
        }
    }

    // MARK: Asking

    func putQuestion(_ id: Int64, _ fields: AskFields, by principal: Principal) {
        let room = RoomName(fields.room)
        if let error = refusal(.ask, in: room) {
            refuse(id, error)
            return
        }
        guard shard.hub.assistant != nil else {
            refuse(id, .noAssistant)
            return
        }
        pendingReplies += 1
        let request = SendRequest(
            by: principal.user,
            kind: "message",
            data: fields.data.array(),
            key: fields.key.string(),
            acknowledgement: .durable,
            reply: .client(connection.id, id: id),
            question: SendRequest.Question(person: principal, text: fields.text.string())
        )
        shard.ask(RoomKey(tenant: principal.tenant, name: room), .send(request))
    }

    // MARK: Watching

    /// Asks for text that a subscription was not given, as far as the queue has room; says whether it did.
    func fetchText(of subscription: Subscription) -> Bool {
        guard let behind = subscription.behind, let principal,
            connection.queuedBytes <= shard.configuration.softQueueBytes
        else { return false }
        isFetching = true
        let request = WatchRequest(
            connection: connection.id,
            generation: behind.generation,
            cursors: behind.cursors
        )
        let key = RoomKey(tenant: principal.tenant, name: subscription.room)
        shard.ask(key, home: subscription.home, .watch(request))
        return true
    }

    /// A piece of the text of a room's streams has come.
    func watched(_ room: RoomName, _ page: StreamPage) {
        guard phase != .closing else { return }
        isFetching = false
        // Where a second sub has answered anew meanwhile, or unsub, the piece belongs to the past.
        if let subscription = subscription(to: room), subscription.state == .live,
            let behind = subscription.behind, behind.generation == page.generation
        {
            for line in page.lines { send(line) }
            shard.metrics.streamDeltas += UInt64(page.lines.count)
            if page.isComplete {
                subscription.caughtUpWithStreams()
                subscription.place?.audience.update(
                    subscription,
                    catchingUp: subscription.catchUpAfter != nil
                )
            } else {
                behind.cursors = page.cursors
            }
        }
        fetchMissing()
    }
}

extension Shard {
    /// The room of an open stream, if this person may do that there. Who may not even read it is not told that it
    /// exists.
    func find(stream: String, for principal: Principal, _ action: RoomAction) -> Result<RoomKey, ErrorReply> {
        guard let room = hub.streams.room(of: StreamKey(tenant: principal.tenant, id: stream)),
            Permissions.allows(principal, .read, in: room.name)
        else { return .failure(.noStream) }
        guard Permissions.allows(principal, action, in: room.name) else {
            return .failure(
                ErrorReply(.forbidden, "you have no right to that in the stream's room", field: "stream")
            )
        }
        return .success(room)
    }
}

extension StreamEnding {
    init(_ fields: StreamCloseFields) {
        self.init(fields.state)
        usage = fields.usage?.array()
        error = fields.error?.array()
    }
}
