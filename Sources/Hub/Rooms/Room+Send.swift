import DequeModule
import HubProtocol
import Reactor

extension Room {
    /// Keeps an event, or says why not. Sends behind one whose key is being looked up wait, so order holds.
    func receive(_ request: SendRequest) {
        guard gatedSends.isEmpty, accept(request, lookedUp: nil) else {
            guard mayWait(.send(request)) else {
                shard.refuse(request.reply, .roomWaitedFor)
                return
            }
            gatedSends.append(request)
            askForKeys()
            return
        }
    }

    /// Deals with a send; false where its key has to be looked up first.
    private func accept(_ request: SendRequest, lookedUp: KeyLookup?) -> Bool {
        if let text = request.key {
            let key = SendKey(user: request.by, key: text)
            switch keys.standing(of: key) {
            case .new: break
            case .known(let known):
                repeated(known, request)
                return true
            case .askDisk:
                guard let lookedUp, lookedUp.asked.contains(key) else { return false }
                if let known = lookedUp.known[key] {
                    repeated(known, request)
                    return true
                }
            }
        }
        if let refusal = storeRefusal() ?? askRefusal(request) {
            shard.refuse(request.reply, refusal)
        } else {
            request.data.withUnsafeBytes { keep(request, data: ByteView($0)) }
        }
        return true
    }

    /// Why nothing may be kept here right now; nil where it may.
    func storeRefusal() -> ErrorReply? {
        isWritable ? shard.storeRefusal() : .roomUnwritable
    }

    private func keep(_ request: SendRequest, data: ByteView) {
        let event: KeptEvent
        if let question = request.question {
            event = keep(request, question: question, data: data)
        } else {
            event = record(by: request.by, kind: request.kind, key: request.key, data: data)
            shard.writes.append(request.job.map { .job(event, $0) } ?? .event(event))
        }
        let receipt = SendReceipt(
            offset: event.offset,
            epoch: shard.epochs.currentName,
            at: event.at,
            duplicate: false,
            answers: answered(request, at: event.offset)
        )
        switch request.acknowledgement {
        case .accepted: shard.acknowledge(request.reply, receipt)
        case .durable: waitingForDurable.append((event.offset, request.reply, receipt))
        }
    }

    private func answered(_ request: SendRequest, at offset: Int64) -> SendReceipt.Answers {
        request.question == nil ? .send : .ask(stream: answerStream(of: offset))
    }

    /// Keeps an event of the hub's own together with what it means for a stream. The store takes writes.
    func keepOwn(by user: String, kind: String, data: [UInt8], _ change: StreamChange) -> KeptEvent {
        let event = data.withUnsafeBytes { record(by: user, kind: kind, key: nil, data: ByteView($0)) }
        shard.writes.append(.stream(event, change))
        return event
    }

    /// Gives an event its offset and takes it into memory and the turn's batch; handing it to the store is the
    /// caller's, in the same turn.
    func record(by user: String, kind: String, key: String?, data: ByteView) -> KeptEvent {
        head += 1
        cuts.gave(head, in: shard.epochs.current)
        lastAt = max(lastAt, shard.loop.wallMilliseconds)
        let event = KeptEvent(
            room: identity,
            offset: head,
            at: lastAt,
            by: user,
            kind: kind,
            key: key,
            data: data
        )
        ring.append(event)
        keys.add(event)
        stopTyping(of: user)
        trimRing()
        batch.events.append(event)
        touch()
        shard.metrics.accepted += 1
        return event
    }

    /// A key that has been seen: the first send's offset, once that one is as safe as was asked for.
    private func repeated(_ known: KeyedOffset, _ request: SendRequest) {
        shard.metrics.duplicates += 1
        let receipt = SendReceipt(
            offset: known.offset,
            epoch: shard.epochs.currentName,
            at: known.at,
            duplicate: true,
            answers: answered(request, at: known.offset)
        )
        guard request.acknowledgement == .durable, known.offset > durable else {
            shard.acknowledge(request.reply, receipt)
            return
        }
        // The waiting list is in the order of offsets; a repeat belongs beside its first.
        let index = waitingForDurable.firstIndex { $0.offset > known.offset } ?? waitingForDurable.count
        waitingForDurable.insert((known.offset, request.reply, receipt), at: index)
    }

    /// Asks the disk for the keys of all sends that wait, in one read.
    private func askForKeys() {
        guard !isAskingForKeys else { return }
        isAskingForKeys = true
        // Only keys that memory does not know: one it knows may not be on disk when that is read, and have left
        // memory when the answer is here.
        let asked = Set(
            gatedSends.prefix(200).compactMap { send in
                send.key.map { SendKey(user: send.by, key: $0) }
            }.filter { keys.standing(of: $0) == .askDisk }
        )
        let identity = identity
        shard.store.offsets(of: Array(asked), in: identity) { [inbox = shard.inbox] result in
            inbox.post(.keysRead(identity, result.map { KeyLookup(asked: asked, known: $0) }))
        }
    }

    /// The disk has said which of the keys it knows: the sends that waited for it go on, in order.
    func keysRead(_ result: Result<KeyLookup, StoreFault>) {
        isAskingForKeys = false
        switch result {
        case .success(let lookup):
            while let send = gatedSends.first {
                guard accept(send, lookedUp: lookup) else {
                    askForKeys()
                    return
                }
                stopWaiting(RoomRequest.send(gatedSends.removeFirst()).size)
            }
        case .failure(let fault):
            report(fault)
            while let send = gatedSends.popFirst() {
                stopWaiting(RoomRequest.send(send).size)
                shard.refuse(send.reply, .roomUnreadable)
            }
        }
    }

    /// Drops from memory what the ring need not hold any more.
    func trimRing() {
        let configuration = shard.configuration
        ring.trim(durable: durable, maxEvents: configuration.ringEvents, maxBytes: configuration.ringBytes) {
            keys.drop($0)
        }
    }
}

/// What the disk said about keys.
struct KeyLookup: Sendable {
    var asked: Set<SendKey>
    var known: [SendKey: KeyedOffset]
}
