import HubCore
import HubProtocol
import Logging

/// One question on its way to an answer: gathers its context, asks who the plan says, and brings what comes to the stream.
///
/// Owns the request under way, its reader and its timer. The stream hears exactly one `finish`. Confined to the upstream thread.
final class Answering {
    let question: Question
    let stream: AnswerStream
    let desk: AnswerDesk
    let route: Route
    private let place: Int
    private let targets: [AnswerTarget]
    private var plan: AnswerPlan
    private var prompt = Prompt(turns: [])
    private var passages: [Passage] = []
    private var request: AnswerRequest?
    private var pause: UpstreamLoop.TimerID?
    private var count = AttemptCount()
    private var untoldPieces = 0
    private var hasShownText = false
    private var text = ""
    private var isOver = false

    init(_ question: Question, _ stream: AnswerStream, route place: Int, desk: AnswerDesk) {
        self.question = question
        self.stream = stream
        self.desk = desk
        self.place = place
        route = desk.house.routes[place]
        targets = desk.house.targets(of: route)
        var policy = RetryPolicy()
        policy.retries = route.retries
        plan = AnswerPlan(providers: targets.count, policy: policy)
    }

    // MARK: Context

    /// Gathers what goes along, and asks the first.
    func begin() {
        if case .local? = targets.first { return handOver() }
        let past = Carrier(self)
        guard route.history.messages > 0 else { return gatherPassages([]) }
        // Not every event is something that was said.
        question.history(newest: min(500, route.history.messages * 4)) { result in
            let turns = (try? result.get()).map { ConversationReader.turns($0) } ?? []
            past.run { $0.gatherPassages(turns) }
        }
    }

    private func gatherPassages(_ turns: [Prompt.Turn]) {
        guard !isOver else { return }
        guard let context = desk.house.context else { return compose(turns, []) }
        let carrier = Carrier(self)
        context.passages(for: question) { passages in carrier.run { $0.compose(turns, passages) } }
    }

    private func compose(_ turns: [Prompt.Turn], _ passages: [Passage]) {
        guard !isOver else { return }
        let composer = PromptComposer(route: route, system: route.system.flatMap { desk.house.prompts[$0] })
        prompt = composer.prompt(past: turns, question: question.text, passages: passages)
        self.passages = passages
        if route.cacheTime != nil, let kept = desk.kept(cacheKey) { return give(kept) }
        follow(plan.begin(isAvailable: isAvailable))
    }

    private var cacheKey: AnswerCache.Key {
        AnswerCache.Key(
            tenant: question.tenant.id,
            route: place,
            system: prompt.system,
            turns: prompt.turns.map { $0.speaker.rawValue + ":" + $0.text }
        )
    }

    private func give(_ kept: AnswerCache.Answer) {
        stream.append(kept.text)
        var ending = AnswerEnding(.done)
        (ending.provider, ending.model) = (kept.provider, kept.model)
        ending.usage = AnswerUsage(tokensIn: 0, tokensOut: 0)
        ending.data = AnswerReport(reason: .stop, passages: passages, isKept: true).json
        end(ending)
    }

    // MARK: The plan

    private func isAvailable(_ index: Int) -> Bool {
        guard case .provider(let entry) = targets[index] else { return true }
        return desk.house.board.isAvailable(entry, now: desk.loop.now)
    }

    private func follow(_ step: AnswerPlan.Step) {
        switch step {
        case .ask(let index): ask(index)
        case .wait(let index, let wait):
            pause = desk.loop.schedule(after: wait) { [weak self] in self?.ask(index) }
        case .giveUp(let failure): fail(failure)
        }
    }

    private func ask(_ index: Int) {
        guard !isOver else { return }
        pause = nil
        if hasShownText {
            stream.restart()
            (hasShownText, text) = (false, "")
        }
        guard case .provider(let entry) = targets[index] else { return handOver() }
        plan.asked()
        count.began(price: entry.price, prompt: TokenEstimate.of(prompt))
        let request = AnswerRequest(entry, prompt, board: desk.house.board, loop: desk.loop)
        self.request = request
        request.begin { [weak self] in self?.take($0) }
    }

    /// The embedded answerer goes on from here, with the stream as its own.
    private func handOver() {
        isOver = true
        desk.forget(self)
        desk.hand(question, stream)
    }

    // MARK: What comes

    private func take(_ news: AnswerRequest.News) {
        guard !isOver else { return }
        switch news {
        case .texts(let texts): show(texts)
        case .rewrite(let whole):
            if hasShownText { stream.restart() }
            text = ""
            show(whole.isEmpty ? [] : [whole])
        case .usage(let usage):
            count.got(usage)
            tellUsage()
        case .finished(let reason): finished(reason)
        case .failed(let failure): failed(failure)
        }
    }

    private func show(_ texts: [String]) {
        guard !texts.isEmpty else { return }
        plan.gotText()
        hasShownText = true
        if route.cacheTime != nil { texts.forEach { text += $0 } }
        stream.append(texts)
        count.got(pieces: texts.count)
        untoldPieces += texts.count
        if untoldPieces >= 16 { tellUsage() }
    }

    private func tellUsage() {
        untoldPieces = 0
        stream.usage(count.sum)
    }

    private func finished(_ reason: FinishReason) {
        guard hasShownText else {
            return failed(ProviderFailure(reason == .filtered ? .filtered : .garbage, code: "empty"))
        }
        guard let request else { return }
        let took = count.ended(reached: true)
        request.close(.answered, input: took.input, output: took.output)
        var ending = AnswerEnding(.done)
        (ending.provider, ending.model) = (request.entry.name, request.entry.model)
        ending.usage = count.sum
        ending.data = AnswerReport(reason: reason, passages: passages, isKept: false).json
        if let time = route.cacheTime, reason == .stop {
            let answer = AnswerCache.Answer(text: text, provider: request.entry.name, model: request.entry.model)
            desk.keep(answer, for: cacheKey, time)
        }
        end(ending)
    }

    private func failed(_ failure: ProviderFailure) {
        guard let request else { return }
        let took = count.ended(reached: request.isReached)
        request.close(.failed(failure), input: took.input, output: took.output)
        self.request = nil
        desk.house.logger.warning(
            "a provider's request failed",
            metadata: [
                LogKey.provider: "\(request.entry.name)", LogKey.kind: "\(failure.kind.rawValue)",
                LogKey.code: "\(failure.code ?? "")", LogKey.status: "\(failure.status ?? 0)",
                LogKey.stream: "\(stream.id)", LogKey.attempt: "\(plan.requests)",
            ]
        )
        follow(plan.failed(failure, jitter: Double.random(in: 0...1), isAvailable: isAvailable))
    }

    // MARK: Ends

    /// Somebody has asked for it to stop: the provider's connection is closed, what it took is kept.
    func cancel() {
        guard !isOver else { return }
        var ending = AnswerEnding(.cancelled)
        if let request {
            let took = count.ended(reached: request.isReached)
            request.close(.cancelled, input: took.input, output: took.output)
            (ending.provider, ending.model) = (request.entry.name, request.entry.model)
        }
        ending.usage = count.sum
        end(ending)
    }

    private func fail(_ failure: ProviderFailure) {
        var ending = AnswerEnding(.failed)
        ending.usage = count.sum
        ending.error = AnswerReport.fault(of: failure)
        end(ending)
    }

    private func end(_ ending: AnswerEnding) {
        isOver = true
        if let pause { desk.loop.cancel(pause) }
        request = nil
        desk.forget(self)
        stream.finish(ending)
    }

    /// Brings an answer that is being gathered back to its thread from wherever its context comes.
    private struct Carrier: Sendable {
        let stream: String
        let house: AnswerHouse
        let inbox: UpstreamInbox

        init(_ answering: Answering) {
            stream = answering.stream.id
            house = answering.desk.house
            inbox = answering.desk.loop.inbox
        }

        func run(_ body: @escaping @Sendable (Answering) -> Void) {
            let (stream, house) = (stream, house)
            inbox.post { loop in
                let desk = loop.resident(ObjectIdentifier(house)) { AnswerDesk(house, loop: loop) }
                desk.run(stream, body)
            }
        }
    }
}

@available(*, unavailable)
extension Answering: Sendable {}
