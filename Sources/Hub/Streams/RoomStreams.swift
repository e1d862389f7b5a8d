import HubProtocol
import Reactor

/// The streams of one room at its home: who may write to which, what watchers are told, when one ends.
///
/// Made with a room's first stream. Isolation: confined to the room's home loop.
final class RoomStreams {
    unowned let room: Room
    /// The open ones, by id.
    private(set) var open: [String: LiveStream] = [:]
    /// Those whose ending event is not yet on disk.
    private var ending: [String: Ending] = [:]
    /// Ids that the disk is being asked about, and what was asked of them meanwhile.
    private var opening: [String: [StreamRequest]] = [:]
    /// Open ones with something to show when the turn ends.
    private var grown: [LiveStream] = []
    private var gone: [UInt64] = []
    /// Questions whose answers run or wait.
    var questions = QuestionQueue()

    /// A stream whose ending event waits for the disk.
    private struct Ending {
        let state: StreamState
        let offset: Int64
        /// Who tried to open it: they are told that it has ended when that is certain.
        var waiting: [ReplyTarget] = []
    }

    var shard: Shard { room.shard }
    var now: MonotonicInstant { room.shard.loop.now }

    init(room: Room) {
        self.room = room
    }

    /// Whether the room may leave memory as far as its streams go.
    var isEmpty: Bool { open.isEmpty && ending.isEmpty && opening.isEmpty }

    func receive(_ request: StreamRequest) {
        if opening[request.stream] != nil {
            opening[request.stream]?.append(request)
            return
        }
        switch request.action {
        case .open(let opening): begin(request, opening)
        case .append(let appending): append(request, appending)
        case .close(let ending): close(request, ending)
        case .cancel: cancel(request)
        }
    }

    // MARK: Opening

    private func begin(_ request: StreamRequest, _ wish: StreamRequest.Opening) {
        if let stream = open[request.stream] {
            resume(stream, request, wish)
            return
        }
        if ending[request.stream] != nil {
            ending[request.stream]?.waiting.append(request.reply)
            return
        }
        if let refusal = openingRefusal(request) {
            shard.refuse(request.reply, refusal)
            return
        }
        opening[request.stream] = []
        let identity = room.identity
        shard.store.state(of: request.stream, for: identity) { [inbox = shard.inbox] result in
            inbox.post(.streamChecked(identity, request, result))
        }
    }

    private func openingRefusal(_ request: StreamRequest) -> ErrorReply? {
        if let refusal = room.storeRefusal() { return refusal }
        let configuration = shard.configuration
        guard open.count + opening.count < configuration.streamsPerRoom else {
            return .tooManyStreams(configuration.streamsPerRoom, in: "room")
        }
        let most = configuration.streamsPerConnection
        let claim = shard.hub.streams.claim(
            key(request.stream),
            for: room.identity.key,
            by: request.connection,
            atMost: most
        )
        switch claim {
        case .claimed: return nil
        case .tooMany: return .tooManyStreams(most, in: "connection")
        case .taken: return ErrorReply(.conflict, "another stream has that id", field: "stream")
        }
    }

    /// The disk has said whether there was a stream of that id.
    func checked(_ request: StreamRequest, _ result: Result<StreamState?, StoreFault>) {
        guard let waiting = opening.removeValue(forKey: request.stream),
            case .open(let wish) = request.action
        else { return }
        switch result {
        case .success(nil):
            if let refusal = room.storeRefusal() {
                shard.hub.streams.release(key(request.stream))
                shard.refuse(request.reply, refusal)
            } else {
                let attempt = wish.attempt ?? 1
                let data = StreamEventData.opened(
                    stream: request.stream,
                    attempt: attempt,
                    title: wish.title,
                    meta: wish.meta,
                    question: nil
                )
                let stream = add(
                    request.stream,
                    by: request.by.user,
                    attempt: attempt,
                    data: data,
                    producer: request.producer
                )
                heard(of: stream)
                shard.answerOpened(request, in: room.identity.key, stream)
            }
        case .success(let state?):
            shard.hub.streams.release(key(request.stream))
            shard.refuse(request.reply, .streamEnded(state))
        case .failure(let fault):
            room.report(fault)
            shard.hub.streams.release(key(request.stream))
            shard.refuse(request.reply, .roomUnreadable)
        }
        waiting.forEach(receive)
    }

    /// Keeps the opening event. The id is claimed and the store takes writes.
    func add(
        _ id: String,
        by user: String,
        attempt: Int64,
        data: [UInt8],
        producer: LiveStream.Producer
    ) -> LiveStream {
        let change = StreamChange.opened(id: id, owner: user, isOwn: false, attempt: attempt)
        let event = room.keepOwn(by: user, kind: "stream", data: data, change)
        return hold(id, by: user, opened: event, attempt: attempt, producer: producer)
    }

    /// Holds a stream whose opening event has just been given its offset.
    @discardableResult
    func hold(
        _ id: String,
        by user: String,
        opened event: KeptEvent,
        attempt: Int64 = 1,
        producer: LiveStream.Producer
    ) -> LiveStream {
        let stream = LiveStream(
            handle: shard.nextTicket(),
            id: id,
            owner: user,
            opened: event.offset,
            attempt: attempt,
            producer: producer
        )
        hold(stream)
        shard.metrics.streamsOpened += 1
        return stream
    }

    private func hold(_ stream: LiveStream) {
        open[stream.id] = stream
        shard.openStreams += 1
        shard.watch(room)
    }

    /// Its own producer takes an open stream up again, or starts another attempt.
    private func resume(_ stream: LiveStream, _ request: StreamRequest, _ wish: StreamRequest.Opening) {
        guard stream.owner == request.by.user, stream.pendingEnding == nil else {
            shard.refuse(request.reply, ErrorReply(.conflict, "another stream has that id", field: "stream"))
            return
        }
        if case .assistant = stream.producer {
            shard.refuse(request.reply, ErrorReply(.conflict, "the hub writes that stream", field: "stream"))
            return
        }
        let attempt = wish.attempt ?? stream.attempt
        guard attempt >= stream.attempt else {
            shard.refuse(request.reply, .olderAttempt(stream.attempt))
            return
        }
        stream.producer = request.producer
        shard.hub.streams.hand(key(stream.id), to: request.connection)
        stream.deadline = nil
        heard(of: stream)
        if attempt > stream.attempt { supersede(stream, by: attempt) }
        shard.answerOpened(request, in: room.identity.key, stream)
        if let by = stream.cancelledBy { tellProducer(of: stream, by: by) }
    }

    /// Starts the stream again with nothing.
    func supersede(_ stream: LiveStream, by attempt: Int64) {
        let before = stream.text.bytes.count
        shard.streamBytes -= before
        stream.restart(attempt: attempt)
        grew(stream)
        checkpoint(stream)
    }

    // MARK: Growing

    private func append(_ request: StreamRequest, _ appending: StreamRequest.Appending) {
        guard let stream = produced(by: request) else { return }
        if let attempt = appending.attempt, attempt != stream.attempt {
            shard.refuse(request.reply, .olderAttempt(stream.attempt))
            return
        }
        if let refusal = room.storeRefusal() ?? memoryRefusal(appending.tokens) {
            shard.refuse(request.reply, refusal)
            return
        }
        switch add(appending.tokens, from: appending.from, to: stream) {
        case .taken: shard.answerAppended(request.reply, next: stream.text.tokens, durable: stream.durable)
        case .gap:
            let sentence = "tokens are missing before \(appending.from): the next one is \(stream.text.tokens)"
            let current = Array("\(stream.text.tokens)".utf8)
            shard.refuse(request.reply, ErrorReply(.conflict, sentence, field: "from", current: current))
        case .tooLarge:
            let sentence = "a stream's text has at most \(shard.configuration.streamBytes) bytes"
            shard.refuse(request.reply, ErrorReply(.tooLarge, sentence, field: "parts"))
        }
    }

    private func memoryRefusal(_ tokens: StreamTokens) -> ErrorReply? {
        guard shard.streamBytes + tokens.text.count > shard.configuration.streamBytesPerLoop else { return nil }
        return ErrorReply(.busy, "the open streams hold too much text", retryAfter: 1000)
    }

    /// Adds tokens to the text; they are shown when the turn ends.
    func add(_ tokens: StreamTokens, from: Int64, to stream: LiveStream) -> StreamText.OnAppend {
        let before = stream.text.bytes.count
        let outcome = stream.text.append(tokens, from: from, limit: shard.configuration.streamBytes)
        heard(of: stream)
        if case .taken(let count) = outcome, count > 0 {
            shard.metrics.streamTokens += UInt64(count)
            shard.streamBytes += stream.text.bytes.count - before
            grew(stream)
            if stream.unhanded >= shard.configuration.checkpointBytes { checkpoint(stream) }
        }
        return outcome
    }

    private func grew(_ stream: LiveStream) {
        // The last one is the usual one: a producer's tokens come in a run.
        if grown.last !== stream, !grown.contains(where: { $0 === stream }) { grown.append(stream) }
        room.touch()
    }

    /// A producer that comes with requests is there as long as it does.
    private func heard(of stream: LiveStream) {
        if stream.producer == .requests { stream.deadline = now.advanced(by: shard.configuration.streamGrace) }
    }

    /// The stream a request writes to, if its sender is the producer; refuses the request otherwise.
    private func produced(by request: StreamRequest) -> LiveStream? {
        guard let stream = open[request.stream], stream.pendingEnding == nil else {
            shard.refuse(request.reply, .noStream)
            return nil
        }
        guard stream.owner == request.by.user, stream.producer == request.producer else {
            let sentence = "the stream has another producer; stream.open takes it up again"
            shard.refuse(request.reply, ErrorReply(.conflict, sentence, field: "stream"))
            return nil
        }
        return stream
    }

    /// Takes those with something to show.
    func takeGrown() -> [LiveStream] {
        defer { grown.removeAll(keepingCapacity: true) }
        return grown
    }

    /// Takes the numbers of those that have ended since the last time.
    func takeGone() -> [UInt64] {
        defer { gone.removeAll(keepingCapacity: true) }
        return gone
    }

    // MARK: Ending

    private func close(_ request: StreamRequest, _ ending: StreamEnding) {
        guard let stream = produced(by: request) else { return }
        if let refusal = room.storeRefusal() {
            shard.refuse(request.reply, refusal)
            return
        }
        let event = keepEnding(of: stream, ending)
        let receipt = SendReceipt(
            offset: event.offset,
            epoch: shard.epochs.currentName,
            at: event.at,
            duplicate: false,
            answers: .ending
        )
        room.waitingForDurable.append((event.offset, request.reply, receipt))
    }

    /// Ends a stream now, or as soon as the store takes writes again.
    func end(_ stream: LiveStream, _ ending: StreamEnding) {
        if room.storeRefusal() == nil {
            keepEnding(of: stream, ending)
        } else {
            stream.pendingEnding = stream.pendingEnding ?? ending
        }
    }

    @discardableResult
    private func keepEnding(of stream: LiveStream, _ ending: StreamEnding) -> KeptEvent {
        let data = StreamEventData.ended(
            stream: stream.id,
            attempt: stream.attempt,
            text: stream.text.bytes,
            ending
        )
        let change = StreamChange.ended(id: stream.id, state: ending.state)
        let event = room.keepOwn(by: stream.owner, kind: "stream", data: data, change)
        open[stream.id] = nil
        self.ending[stream.id] = Ending(state: ending.state, offset: event.offset)
        grown.removeAll { $0 === stream }
        gone.append(stream.handle)
        shard.openStreams -= 1
        shard.streamBytes -= stream.text.bytes.count
        shard.metrics.streamsEnded[ending.state, default: 0] += 1
        answerEnded(stream)
        return event
    }

    /// The disk has everything up to `offset`: the ids of streams that ended there are free as far as memory goes.
    func committed(upto offset: Int64) {
        for (id, ended) in ending where ended.offset <= offset {
            ending[id] = nil
            for reply in ended.waiting { shard.refuse(reply, .streamEnded(ended.state)) }
            shard.hub.streams.release(key(id))
        }
    }

    private func cancel(_ request: StreamRequest) {
        guard let stream = open[request.stream], stream.pendingEnding == nil else {
            shard.refuse(request.reply, .noStream)
            return
        }
        if stream.cancelledBy == nil {
            stream.cancelledBy = request.by.user
            stop(stream, by: request.by.user)
        }
        shard.succeed(request.reply)
    }

    /// Has a stream's producer stop it; one that cannot be told is not waited for.
    func stop(_ stream: LiveStream, by user: String) {
        switch stream.producer {
        case .connection: tellProducer(of: stream, by: user)
        case .assistant(let cancellation):
            stream.cancelledBy = stream.cancelledBy ?? user
            stream.deadline = now.advanced(by: shard.configuration.cancelGrace)
            cancellation.cancel()
            if open[stream.id] === stream { dropWaiting(stream) }
        case .requests, .nobody: end(stream, StreamEnding(.cancelled))
        }
    }

    private func tellProducer(of stream: LiveStream, by user: String) {
        guard case .connection(let connection) = stream.producer else { return }
        var line: [UInt8] = []
        Push.cancel(stream: stream.id, by: user, into: &line)
        shard.push(line, to: connection)
    }

    /// A connection is gone: where it was the stream's producer, somebody may take it up for a while.
    func lost(_ id: String, by connection: ConnectionID) {
        guard let stream = open[id], stream.producer == .connection(connection) else { return }
        stream.producer = .nobody
        shard.hub.streams.hand(key(id), to: nil)
        if stream.cancelledBy != nil {
            end(stream, StreamEnding(.cancelled))
            return
        }
        stream.deadline = now.advanced(by: shard.configuration.streamGrace)
        checkpoint(stream)
    }

    func key(_ id: String) -> StreamKey {
        StreamKey(tenant: room.identity.key.tenant, id: id)
    }

    // MARK: Time

    /// Several times a second: checkpoints, ends, usage.
    func tick() {
        for stream in open.values {
            if let ending = stream.pendingEnding {
                end(stream, ending)
                continue
            }
            if let deadline = stream.deadline, deadline <= now {
                end(stream, StreamEnding(stream.cancelledBy == nil ? .interrupted : .cancelled))
                continue
            }
            checkpoint(stream)
            showUsage(of: stream)
        }
    }

    private func showUsage(of stream: LiveStream) {
        guard let usage = stream.usage else { return }
        if let last = stream.usageShown, last.duration(to: now) < .seconds(1) { return }
        stream.usage = nil
        stream.usageShown = now
        var line: [UInt8] = []
        Push.usage(room: room.identity.key.name.text, stream: stream.id, data: usage, into: &line)
        room.show(Batch.Ephemeral(by: stream.id, kind: "usage", line: line))
    }

    /// Hands the store what it does not have; not while it is behind, there is nobody who waits for this.
    func checkpoint(_ stream: LiveStream) {
        guard case .ready = shard.store.condition,
            let checkpoint = stream.takeCheckpoint(of: room.identity)
        else { return }
        shard.writes.append(.checkpoint(checkpoint))
        shard.metrics.streamCheckpoints += 1
    }

    /// The store has committed a piece.
    func kept(_ id: String, attempt: Int64, tokens: Int64) {
        open[id]?.kept(attempt: attempt, tokens: tokens)
    }

    /// The hub stops: its own answers end, of the others everything is handed to the store.
    func finish() {
        for stream in open.values {
            if case .assistant(let cancellation) = stream.producer {
                end(stream, StreamEnding(.interrupted))
                cancellation.cancel()
            } else {
                checkpoint(stream)
            }
        }
    }

    /// The room has woken for the first time since the start: what a crash left open goes on or ends.
    func restore(_ stored: [StoredStream]) {
        for found in stored {
            let stream = LiveStream(found, handle: shard.nextTicket())
            hold(stream)
            shard.streamBytes += stream.text.bytes.count
            if found.isOwn {
                end(stream, StreamEnding(.interrupted))
            } else {
                stream.deadline = now.advanced(by: shard.configuration.streamGrace)
            }
        }
    }
}

@available(*, unavailable)
extension RoomStreams: Sendable {}

extension ErrorReply {
    static func streamEnded(_ state: StreamState) -> ErrorReply {
        let current = Array("\"\(state.rawValue)\"".utf8)
        return ErrorReply(.conflict, "a stream of that id has ended", field: "stream", current: current)
    }

    static func olderAttempt(_ present: Int64) -> ErrorReply {
        let current = Array("\(present)".utf8)
        return ErrorReply(.conflict, "the present attempt is \(present)", field: "attempt", current: current)
    }

    static func tooManyStreams(_ most: Int, in place: String) -> ErrorReply {
        ErrorReply(.tooLarge, "a \(place) has at most \(most) open streams", field: "stream")
    }
}
