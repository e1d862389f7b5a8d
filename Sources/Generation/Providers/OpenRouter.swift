/// OpenRouter: Chat Completions with comments while it looks for a model, the cost in the usage, and errors in the middle under
/// status 200. Its `error.code` is a number: the status.
public struct OpenRouter: Provider {
    /// `openrouter`.
    public static let dialect = "openrouter"
    /// OpenRouter's own address.
    public static let base: String? = "https://openrouter.ai/api/v1"

    private let settings: ProviderSettings

    /// A provider of this dialect.
    public init(_ settings: ProviderSettings) {
        self.settings = settings
    }

    /// `POST {base}/chat/completions`.
    public func request(_ prompt: Prompt, key: String?) -> UpstreamRequest {
        ChatCompletions.request(settings, prompt, key: key, maxTokens: "max_tokens")
    }

    /// Chunks of Chat Completions.
    public func makeReader() -> any AnswerReader {
        ChatCompletionsReader()
    }

    /// By status, and by `error.code` and `error.type`.
    public func failure(_ head: UpstreamHead, body: [UInt8]) -> ProviderFailure {
        ProviderErrors.failure(head, codes: ProviderErrors.words(body))
    }
}
