/// How long to wait before what failed is tried again: doubled each time, up to a bound.
struct Backoff {
    private let first: Duration
    private let most: Duration
    private var next: Duration
    /// Attempts that failed since the last success.
    private(set) var failures = 0

    /// Waits so long at first, and at most so long.
    init(from first: Duration, upTo most: Duration) {
        (self.first, self.most, next) = (first, most, first)
    }

    /// For a disk that does not take a batch: 100 ms up to 2 s.
    static var commits: Backoff { Backoff(from: .milliseconds(100), upTo: .seconds(2)) }
    /// For damage, which somebody has to mend: 1 s up to 60 s.
    static var damage: Backoff { Backoff(from: .seconds(1), upTo: .seconds(60)) }

    /// Counts a failure and says how long to wait.
    mutating func failed() -> Duration {
        failures += 1
        defer { next = min(next * 2, most) }
        return next
    }

    /// Starts over after a success.
    mutating func succeeded() {
        self = Backoff(from: first, upTo: most)
    }
}
