import HubProtocol

/// How one AI provider is doing, in the form of the metrics page and of `GET /api/v1/providers`. The executable fills it in:
/// this module does not know providers.
public struct ProviderFigures: Sendable {
    /// Its name.
    public var name: String
    /// Its dialect.
    public var dialect: String
    /// Its model.
    public var model: String
    /// `closed`, `open` or `half_open`.
    public var breaker = "closed"
    /// Requests sent.
    public var requests: UInt64 = 0
    /// Requests under way.
    public var open = 0
    /// Answers that came whole.
    public var answers: UInt64 = 0
    /// Requests that were cancelled.
    public var cancelled: UInt64 = 0
    /// Failures by kind, sorted.
    public var failures: [(kind: String, count: UInt64)] = []
    /// Tokens of questions.
    public var tokensIn: UInt64 = 0
    /// Tokens of answers.
    public var tokensOut: UInt64 = 0
    /// Smoothed time to the first token, in seconds; nil where there was none yet.
    public var firstTokenSeconds: Double?
    /// The last failure's kind.
    public var lastFailure: String?

    /// A provider of which nothing is known yet.
    public init(name: String, dialect: String, model: String) {
        self.name = name
        self.dialect = dialect
        self.model = model
    }

    /// `{"providers": […]}`, for staff. Neither addresses nor keys are in it.
    static func json(_ figures: [ProviderFigures]) -> [UInt8] {
        var body = JSONObjectWriter()
        body.objects("providers", figures) { provider, object in
            object.member("name", provider.name)
            object.member("dialect", provider.dialect)
            object.member("model", provider.model)
            object.member("breaker", provider.breaker)
            object.member("requests", provider.requests)
            object.member("open", provider.open)
            object.member("answers", provider.answers)
            object.member("cancelled", provider.cancelled)
            object.object("failures") { kinds in
                for failure in provider.failures { kinds.member(failure.kind, failure.count) }
            }
            object.member("tokens_in", provider.tokensIn)
            object.member("tokens_out", provider.tokensOut)
            if let seconds = provider.firstTokenSeconds { object.member("first_token_ms", Int(seconds * 1000)) }
            if let kind = provider.lastFailure { object.member("last_failure", kind) }
        }
        return body.finish()
    }
}
