/// How often and when a provider is asked again.
struct RetryPolicy: Sendable, Equatable {
    /// Further tries of one provider. Default 2.
    var retries = 2
    /// The wait before the first of them; doubles with each. Default 0.5 s.
    var first: Duration = .milliseconds(500)
    /// The longest wait of our own. Default 8 s.
    var longest: Duration = .seconds(8)
    /// The longest wait a provider may ask for where nobody else can be asked. Default 30 s.
    var patience: Duration = .seconds(30)
    /// The longest wait a provider may ask for where somebody else can be asked. Default 2 s.
    var patienceWithOthers: Duration = .seconds(2)
    /// Requests for one answer, all providers together. Default 8.
    var requests = 8

    /// The wait before the next try, `tries` of them made; up to a quarter is taken off by `jitter` (0…1).
    func wait(after failure: ProviderFailure, tries: Int, jitter: Double) -> Duration {
        if let asked = failure.retryAfter { return asked }
        var wait = first
        for _ in 1..<max(1, tries) { wait = min(wait * 2, longest) }
        return wait * (1 - 0.25 * min(max(jitter, 0), 1))
    }
}
