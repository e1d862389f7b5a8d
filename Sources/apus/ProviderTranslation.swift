import Generation
import HubServer

extension ProviderFigures {
    /// A provider's health in the form of the pages.
    init(_ health: ProviderHealth) {
        self.init(name: health.name, dialect: health.dialect, model: health.model)
        breaker = health.breakerState
        requests = health.requests
        open = health.open
        answers = health.answers
        cancelled = health.cancelled
        failures = health.failures.map { ($0.key.rawValue, $0.value) }.sorted { $0.kind < $1.kind }
        tokensIn = health.tokensIn
        tokensOut = health.tokensOut
        firstTokenSeconds = health.firstToken.map { $0 / .seconds(1) }
        lastFailure = health.lastFailure?.kind.rawValue
    }
}
