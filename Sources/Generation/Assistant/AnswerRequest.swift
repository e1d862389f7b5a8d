/// One request for an answer to one provider: its transfer, reader and time limits, and its mark on the provider's health.
///
/// Confined to the upstream thread. `close` must be called once; it ends the transfer where it still goes on.
final class AnswerRequest {
    /// What is said to the answer that asked.
    enum News {
        case texts([String])
        case rewrite(String)
        case usage(TokenUsage)
        case finished(FinishReason)
        case failed(ProviderFailure)
    }

    /// Largest body of an error response that is looked at. 64 KiB.
    static let errorBytes = 64 << 10
    /// Largest body of an answer. 16 MiB, of which the text is a small part.
    static let bodyBytes = 16 << 20

    /// How long the end of a body may take behind a whole answer. 2 s.
    static let lingering: Duration = .seconds(2)

    let entry: ProviderEntry
    private let board: HealthBoard
    private let loop: UpstreamLoop
    private let prompt: Prompt
    private var reader: any AnswerReader
    private var deadlines: AnswerDeadlines
    private var head: UpstreamHead?
    private var errorBody: [UInt8] = []
    private var bytes = 0
    private let begun: Int64
    private var hasText = false
    private var isClosed = false
    private var transfer: UpstreamLoop.TransferID?
    private var timer: UpstreamLoop.TimerID?
    private var tell: ((News) -> Void)?

    init(_ entry: ProviderEntry, _ prompt: Prompt, board: HealthBoard, loop: UpstreamLoop) {
        self.entry = entry
        self.prompt = prompt
        self.board = board
        self.loop = loop
        reader = entry.provider.makeReader()
        begun = loop.now
        deadlines = AnswerDeadlines(entry.timeouts, now: begun)
    }

    /// Whether the provider has taken the request on: from then on it may cost something.
    var isReached: Bool {
        head.map { (200..<300).contains($0.status) } ?? false
    }

    func begin(_ tell: @escaping (News) -> Void) {
        self.tell = tell
        board.change(entry) { $0.began(begun) }
        transfer = loop.start(entry.request(prompt)) { [weak self] in self?.take($0) }
        watch()
    }

    /// Ends it: the connection of an unfinished transfer is closed at once.
    func close(_ outcome: ProviderHealth.Outcome, input: Int, output: Int) {
        guard !isClosed else { return }
        isClosed = true
        tell = nil
        endTransfer(outcome)
        if let timer { loop.cancel(timer) }
        let now = loop.now
        board.change(entry) { $0.ended(outcome, input: input, output: output, now) }
    }

    /// Behind a whole answer only the end of its body is missing: with it the connection can serve the next request.
    private func endTransfer(_ outcome: ProviderHealth.Outcome) {
        guard let transfer else { return }
        guard case .answered = outcome else { return loop.cancel(transfer) }
        _ = loop.schedule(after: AnswerRequest.lingering) { [loop] in loop.cancel(transfer) }
    }

    // MARK: Time

    private func watch() {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: .since(loop.now, deadlines.moment)) { [weak self] in
            guard let self, !isClosed else { return }
            if loop.now >= deadlines.moment {
                tell?(.failed(ProviderFailure(.timeout, code: hasText ? "idle" : "first_token")))
            } else {
                watch()
            }
        }
    }

    // MARK: What comes

    private func take(_ event: UpstreamEvent) {
        guard !isClosed else { return }
        switch event {
        case .head(let head): self.head = head
        case .bytes(let more): take(more)
        case .finished:
            if let head, !isReached {
                tell?(.failed(entry.provider.failure(head, body: errorBody)))
            } else {
                pass(reader.end())
            }
        case .failed(let failure): tell?(.failed(AnswerRequest.failure(failure)))
        }
    }

    private func take(_ more: [UInt8]) {
        bytes += more.count
        guard isReached else {
            errorBody.append(contentsOf: more.prefix(AnswerRequest.errorBytes - errorBody.count))
            if bytes > AnswerRequest.errorBytes, let head {
                tell?(.failed(entry.provider.failure(head, body: errorBody)))
            }
            return
        }
        guard bytes <= AnswerRequest.bodyBytes else {
            tell?(.failed(ProviderFailure(.garbage, code: "too_long")))
            return
        }
        let pieces = reader.read(more)
        let isFirst = noteText(pieces)
        deadlines.received(loop.now, hasText: hasText)
        // From here on the limit is another one, and may be shorter; later it only moves on.
        if isFirst { watch() }
        pass(pieces)
    }

    /// Whether the first token is among these.
    private func noteText(_ pieces: [AnswerPiece]) -> Bool {
        guard !hasText else { return false }
        hasText = pieces.contains {
            switch $0 {
            case .text, .rewrite: true
            case .usage, .finished, .failed: false
            }
        }
        guard hasText else { return false }
        let time = Duration.since(begun, loop.now)
        board.change(entry) { $0.gotFirstToken(after: time) }
        return true
    }

    /// Texts that came together go on together.
    private func pass(_ pieces: [AnswerPiece]) {
        var texts: [String] = []
        for piece in pieces {
            if case .text(let text) = piece {
                texts.append(text)
                continue
            }
            if !texts.isEmpty { tell?(.texts(texts)) }
            texts = []
            switch piece {
            case .text: break
            case .rewrite(let whole): tell?(.rewrite(whole))
            case .usage(let usage): tell?(.usage(usage))
            case .finished(let reason): tell?(.finished(reason))
            case .failed(let failure): tell?(.failed(failure))
            }
        }
        if !texts.isEmpty { tell?(.texts(texts)) }
    }

    private static func failure(_ failure: UpstreamFailure) -> ProviderFailure {
        switch failure {
        case .unreachable: ProviderFailure(.network, code: "unreachable")
        case .addressRefused: ProviderFailure(.address, code: "address_refused")
        case .timedOut: ProviderFailure(.timeout, code: "connect_or_total")
        case .headTooLarge: ProviderFailure(.garbage, code: "head_too_large")
        case .cut: ProviderFailure(.truncated, code: "cut")
        case .invalidRequest: ProviderFailure(.address, code: "invalid_address")
        }
    }
}

@available(*, unavailable)
extension AnswerRequest: Sendable {}
