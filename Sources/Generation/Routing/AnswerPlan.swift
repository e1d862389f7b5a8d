/// Who is asked next for one answer. Pure: events in, steps out; it knows providers by their place in the route's order.
///
/// - Before the first token the same provider is tried again with backoff as long as its policy lets it; a time limit that has
///   passed, and a wait that is longer than patience allows, hand over to the next.
/// - After the first token the next provider begins a new attempt, which supersedes the text; the same one only where there is
///   no other.
/// - A filter's word is final.
struct AnswerPlan: Equatable {
    /// What to do.
    enum Step: Equatable {
        /// Ask this provider now.
        case ask(Int)
        /// Ask this provider after the wait.
        case wait(Int, Duration)
        /// Nobody is left.
        case giveUp(ProviderFailure)
    }

    private let policy: RetryPolicy
    private var untried: [Int]
    private var current: Int?
    private var tries = 0
    private(set) var requests = 0
    private(set) var hasText = false

    /// A plan over so many providers, in the order of the route.
    init(providers: Int, policy: RetryPolicy) {
        self.policy = policy
        untried = Array(0..<providers)
    }

    /// The first step. `isAvailable` says whose breaker lets a request through.
    mutating func begin(isAvailable: (Int) -> Bool) -> Step {
        next(isAvailable) ?? .giveUp(ProviderFailure(.overloaded, code: "no_provider"))
    }

    /// The request that a step asked for goes out.
    mutating func asked() {
        requests += 1
        tries += 1
        hasText = false
    }

    /// The first token has come.
    mutating func gotText() {
        hasText = true
    }

    /// The request has failed. `jitter` is 0…1.
    mutating func failed(_ failure: ProviderFailure, jitter: Double, isAvailable: (Int) -> Bool) -> Step {
        guard failure.isElsewhereWorthTrying, requests < policy.requests, let current else { return .giveUp(failure) }
        let hasOthers = untried.contains(where: isAvailable)
        if canRepeat(failure, hasOthers: hasOthers) {
            let wait = policy.wait(after: failure, tries: tries, jitter: jitter)
            if wait <= (hasOthers ? policy.patienceWithOthers : policy.patience) { return .wait(current, wait) }
        }
        return next(isAvailable) ?? .giveUp(failure)
    }

    private func canRepeat(_ failure: ProviderFailure, hasOthers: Bool) -> Bool {
        guard failure.isTransient, tries <= policy.retries else { return false }
        return !hasOthers || !(hasText || failure.kind == .timeout)
    }

    /// The first one that is available; where none is, the first one all the same: a pause is not worth a failure.
    private mutating func next(_ isAvailable: (Int) -> Bool) -> Step? {
        guard let place = untried.firstIndex(where: isAvailable) ?? untried.indices.first else { return nil }
        let chosen = untried.remove(at: place)
        current = chosen
        tries = 0
        return .ask(chosen)
    }
}
