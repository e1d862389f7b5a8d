import DequeModule
import HubProtocol
import Reactor

/// What a room does with a question that comes while another one is being answered.
public enum AskPolicy: String, Sendable, Hashable, CaseIterable {
    /// It waits its turn; its stream is open meanwhile.
    case queue
    /// It gets `busy`.
    case refuse
    /// It takes the other one's place, which ends as `cancelled`.
    case replace
}

/// The questions of a room whose answers are open: the one the assistant is at, and those that wait, in order.
struct QuestionQueue {
    /// The stream of the answer that runs.
    var running: String?
    var waiting: Deque<(question: Question, stream: AnswerStream)> = []

    /// Takes a question that waits out of the queue; false where it does not wait.
    mutating func drop(_ stream: String) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.stream.id == stream }) else { return false }
        waiting.remove(at: index)
        return true
    }
}

extension Room {
    /// The id of the stream that answers the question at `offset`.
    func answerStream(of offset: Int64) -> String {
        "ask:\(offset):\(identity.key.name.text)"
    }

    /// Why a question cannot be taken now; nil where it can, and for what is no question.
    func askRefusal(_ request: SendRequest) -> ErrorReply? {
        guard request.question != nil else { return nil }
        guard shard.hub.assistant != nil else { return .noAssistant }
        guard let streams else { return nil }
        let configuration = shard.configuration
        guard streams.open.count < configuration.streamsPerRoom else {
            return ErrorReply(.busy, "too many streams are open in this room", retryAfter: 1000)
        }
        guard streams.questions.running != nil else { return nil }
        switch configuration.askPolicy(of: identity.key.name) {
        case .replace: return nil
        case .refuse:
            return ErrorReply(.busy, "another question is being answered in this room", retryAfter: 1000)
        case .queue:
            guard streams.questions.waiting.count < configuration.questionsWaiting else {
                return ErrorReply(.busy, "too many questions wait in this room", retryAfter: 1000)
            }
            return nil
        }
    }

    /// Keeps a question and opens the stream of its answer, in one transaction, and has it answered.
    func keep(_ request: SendRequest, question: SendRequest.Question, data: ByteView) -> KeptEvent {
        let message = record(by: request.by, kind: request.kind, key: request.key, data: data)
        let streams = streamsMade()
        let id = answerStream(of: message.offset)
        _ = shard.hub.streams.claim(streams.key(id), for: identity.key, by: nil, atMost: 0)
        let user = shard.configuration.assistantUser
        let identity = identity
        let inbox = shard.inbox
        let answer = AnswerStream(id: id) { event in inbox.post(.answered(identity, stream: id, event)) }
        let opening = StreamEventData.opened(
            stream: id,
            attempt: 1,
            title: nil,
            meta: nil,
            question: message.offset
        )
        let opened = opening.withUnsafeBytes { record(by: user, kind: "stream", key: nil, data: ByteView($0)) }
        shard.writes.append(
            .together(
                .event(message),
                .stream(opened, .opened(id: id, owner: user, isOwn: true, attempt: 1))
            )
        )
        streams.hold(id, by: user, opened: opened, producer: .assistant(answer.cancellation))
        let offset = message.offset
        let asked = Question(
            tenant: identity.key.tenant,
            room: identity.key.name,
            offset: offset,
            person: question.person,
            text: question.text,
            data: request.data,
            stream: id,
            past: { events, reply in inbox.post(.pastAsked(identity, before: offset, events: events, reply)) }
        )
        streams.ask(asked, on: answer)
        return message
    }

    /// Reads what was said before a question.
    func tellPast(
        before offset: Int64,
        events: Int,
        _ reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        newest(before: offset, limit: events, bytes: shard.configuration.answerBytes) { reply($0) }
    }
}

extension RoomStreams {
    /// Has a question answered now or when its turn comes.
    func ask(_ question: Question, on stream: AnswerStream) {
        shard.metrics.questions += 1
        if let running = questions.running {
            switch shard.configuration.askPolicy(of: room.identity.key.name) {
            case .queue, .refuse:
                questions.waiting.append((question, stream))
                return
            case .replace:
                questions.running = nil
                if let replaced = open[running] { stop(replaced, by: question.person.user) }
            }
        }
        questions.running = stream.id
        shard.hub.assistant?.answer(question, on: stream)
    }

    /// The answer is over: the next question has its turn.
    func answerEnded(_ stream: LiveStream) {
        guard case .assistant(let cancellation) = stream.producer else { return }
        cancellation.forget()
        guard questions.running == stream.id else { return }
        questions.running = nil
        guard let next = questions.waiting.popFirst() else { return }
        questions.running = next.stream.id
        shard.hub.assistant?.answer(next.question, on: next.stream)
    }

    /// A cancelled answer that nobody has begun ends at once.
    func dropWaiting(_ stream: LiveStream) {
        if questions.drop(stream.id) { end(stream, StreamEnding(.cancelled)) }
    }

    /// The assistant says something about an answer. What comes after its end is dropped.
    func answered(_ id: String, _ event: AnswerEvent) {
        guard let stream = open[id], stream.pendingEnding == nil, case .assistant(let cancellation) = stream.producer
        else { return }
        switch event {
        case .tokens(let tokens):
            guard add(tokens, from: stream.text.tokens, to: stream) == .tooLarge else { return }
            var ending = AnswerEnding(.failed)
            ending.error = AnswerEnding.Fault(
                code: "too_large",
                message: "the answer has more than \(shard.configuration.streamBytes) bytes"
            )
            end(stream, ending.kept)
            cancellation.cancel()
        case .restarted: supersede(stream, by: stream.attempt + 1)
        case .usage(let usage): stream.usage = usage.json
        case .finished(let ending):
            var kept = ending.kept
            if stream.cancelledBy != nil, kept.state != .done { kept.state = .cancelled }
            end(stream, kept)
        }
    }
}

extension ErrorReply {
    /// Nobody answers questions here.
    static var noAssistant: ErrorReply {
        ErrorReply(.unsupported, "this hub has no assistant", field: "cmd")
    }
}
