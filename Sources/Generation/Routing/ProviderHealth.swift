/// How one provider is doing: its breaker, its latency, and counts since the start.
public struct ProviderHealth: Sendable {
    /// Its name.
    public let name: String
    /// The dialect.
    public let dialect: String
    /// The model.
    public let model: String
    /// Requests sent.
    public internal(set) var requests: UInt64 = 0
    /// Requests under way.
    public internal(set) var open = 0
    /// Answers that came whole.
    public internal(set) var answers: UInt64 = 0
    /// Requests that were cancelled.
    public internal(set) var cancelled: UInt64 = 0
    /// Failures by kind.
    public internal(set) var failures: [ProviderFailure.Kind: UInt64] = [:]
    /// Tokens of questions, as counted or estimated.
    public internal(set) var tokensIn: UInt64 = 0
    /// Tokens of answers, as counted or estimated.
    public internal(set) var tokensOut: UInt64 = 0
    /// Time to the first token, smoothed: a fifth of it is the last one's.
    public internal(set) var firstToken: Duration?
    /// The last failure's kind and code.
    public internal(set) var lastFailure: (kind: ProviderFailure.Kind, code: String?)?
    var breaker = CircuitBreaker()

    init(_ entry: ProviderEntry) {
        name = entry.name
        dialect = entry.dialect
        model = entry.model
    }

    /// `closed`, `open` or `half_open`.
    public var breakerState: String { breaker.word }

    mutating func began(_ now: Int64) {
        requests += 1
        open += 1
        breaker.began(now)
    }

    mutating func gotFirstToken(after time: Duration) {
        firstToken = firstToken.map { $0 * 0.8 + time * 0.2 } ?? time
    }

    /// How a request ended.
    enum Outcome {
        case answered
        case failed(ProviderFailure)
        case cancelled
    }

    mutating func ended(_ outcome: Outcome, input: Int, output: Int, _ now: Int64) {
        open -= 1
        tokensIn += UInt64(max(0, input))
        tokensOut += UInt64(max(0, output))
        switch outcome {
        case .answered:
            answers += 1
            breaker.succeeded()
        case .cancelled:
            cancelled += 1
            breaker.abandoned(now)
        case .failed(let failure):
            failures[failure.kind, default: 0] += 1
            lastFailure = (failure.kind, failure.code)
            if failure.isProvidersFault { breaker.failed(now) } else { breaker.succeeded() }
        }
    }
}
