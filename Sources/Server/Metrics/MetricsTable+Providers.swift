/// What is told of AI providers, each with the label `provider`.
extension MetricsTable {
    static let providerRequests = Metric(
        name: "apus_provider_requests_total",
        kind: .counter,
        help: "Requests to AI providers."
    )
    static let providerOpen = Metric(
        name: "apus_provider_requests_open",
        kind: .gauge,
        help: "Requests to AI providers under way."
    )
    static let providerAnswers = Metric(
        name: "apus_provider_answers_total",
        kind: .counter,
        help: "Answers that came whole."
    )
    static let providerCancelled = Metric(
        name: "apus_provider_cancelled_total",
        kind: .counter,
        help: "Requests that were cancelled."
    )
    static let providerFailures = Metric(
        name: "apus_provider_failures_total",
        kind: .counter,
        help: "Requests that failed, by kind."
    )
    static let providerTokens = Metric(
        name: "apus_provider_tokens_total",
        kind: .counter,
        help: "Tokens of questions (in) and answers (out), estimated where a provider did not count."
    )
    static let providerFirstToken = Metric(
        name: "apus_provider_first_token_seconds",
        kind: .gauge,
        help: "Time to the first token, smoothed."
    )
    static let providerPaused = Metric(
        name: "apus_provider_breaker_open",
        kind: .gauge,
        help: "1 where a provider is passed over because it kept failing."
    )
}
