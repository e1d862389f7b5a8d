/// How long to wait before a failed write is tried again: 100 ms, doubled each time, at most 2 s.
struct Backoff {
    private var next: Duration = .milliseconds(100)
    /// Attempts that failed since the last success.
    private(set) var failures = 0

    /// Counts a failure and says how long to wait.
    mutating func failed() -> Duration {
        failures += 1
        defer { next = min(next * 2, .seconds(2)) }
        return next
    }

    /// Starts over after a success.
    mutating func succeeded() {
        self = Backoff()
    }
}
