import HubCore
import HubProtocol

/// Every answer under way, and those kept for a while. Confined to the upstream thread.
final class AnswerDesk {
    let house: AnswerHouse
    let loop: UpstreamLoop
    private var answerings: [String: Answering] = [:]
    private var cache = AnswerCache()
    private var knownVersion: UInt64?

    init(_ house: AnswerHouse, loop: UpstreamLoop) {
        self.house = house
        self.loop = loop
    }

    func take(_ question: Question, on stream: AnswerStream) {
        guard let place = house.route(for: question) else { return hand(question, stream) }
        let answering = Answering(question, stream, route: place, desk: self)
        answerings[stream.id] = answering
        answering.begin()
    }

    func cancel(_ stream: String) {
        answerings[stream]?.cancel()
    }

    /// Goes on with an answer, unless it is over.
    func run(_ stream: String, _ body: (Answering) -> Void) {
        if let answering = answerings[stream] { body(answering) }
    }

    /// An answer is over.
    func forget(_ answering: Answering) {
        if answerings[answering.stream.id] === answering { answerings[answering.stream.id] = nil }
    }

    /// Lets the embedded answerer take a question on.
    func hand(_ question: Question, _ stream: AnswerStream) {
        if let local = house.local { return local.answer(question, on: stream) }
        var ending = AnswerEnding(.failed)
        ending.error = AnswerEnding.Fault(code: "unavailable", message: "no provider is configured for this room")
        stream.finish(ending)
    }

    // MARK: Kept answers

    func kept(_ key: AnswerCache.Key) -> AnswerCache.Answer? {
        refresh()
        return cache.find(key, now: loop.now)
    }

    func keep(_ answer: AnswerCache.Answer, for key: AnswerCache.Key, _ time: Duration) {
        refresh()
        cache.keep(answer, for: key, until: loop.now + time.nanoseconds)
    }

    private func refresh() {
        let version = house.context?.version
        if version != knownVersion { cache.removeAll() }
        knownVersion = version
    }
}

@available(*, unavailable)
extension AnswerDesk: Sendable {}
