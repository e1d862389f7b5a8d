/// Whether a provider is asked at all: one that keeps failing is left alone for a while, then tried by a single request.
///
///     closed --5 failures in a row--> open --pause over--> half open --success--> closed
///                                       ^                      |
///                                       +---- failure, twice the pause, at most 60 s
///
/// A value without a clock: every call brings the time.
struct CircuitBreaker: Sendable, Equatable {
    /// Failures in a row that open it.
    static let tolerated = 5
    /// The first pause.
    static let pause: Duration = .seconds(10)
    /// The longest pause.
    static let longestPause: Duration = .seconds(60)

    /// Where it stands.
    enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: Int64, pause: Duration)
        /// One request is on its way to find out; it counts as lost at `until`.
        case halfOpen(until: Int64, pause: Duration)
    }

    private(set) var state = State.closed(failures: 0)

    /// Whether a request may go out now. Changes nothing: `began` does.
    func allows(_ now: Int64) -> Bool {
        switch state {
        case .closed: true
        case .open(let until, _), .halfOpen(let until, _): now >= until
        }
    }

    /// A request goes out.
    mutating func began(_ now: Int64) {
        switch state {
        case .closed: break
        case .open(let until, let pause), .halfOpen(let until, let pause):
            if now >= until { state = .halfOpen(until: now + pause.nanoseconds, pause: pause) }
        }
    }

    /// A request went well, or failed through no fault of the provider.
    mutating func succeeded() {
        state = .closed(failures: 0)
    }

    /// A request failed.
    mutating func failed(_ now: Int64) {
        switch state {
        case .closed(let failures) where failures + 1 < CircuitBreaker.tolerated:
            state = .closed(failures: failures + 1)
        case .closed: open(now, CircuitBreaker.pause)
        case .halfOpen(_, let pause): open(now, min(pause * 2, CircuitBreaker.longestPause))
        // A request from before it opened tells nothing new.
        case .open: break
        }
    }

    /// A request ended without telling anything, such as a cancelled one: the next may find out.
    mutating func abandoned(_ now: Int64) {
        if case .halfOpen(_, let pause) = state { state = .open(until: now, pause: pause) }
    }

    private mutating func open(_ now: Int64, _ pause: Duration) {
        state = .open(until: now + pause.nanoseconds, pause: pause)
    }

    /// For metrics and the status page.
    var word: String {
        switch state {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "half_open"
        }
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }

    /// From nanoseconds, never negative.
    static func since(_ start: Int64, _ now: Int64) -> Duration { .nanoseconds(max(0, now - start)) }
}
