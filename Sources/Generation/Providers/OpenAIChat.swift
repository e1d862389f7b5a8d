/// OpenAI's Chat Completions.
public struct OpenAIChat: Provider {
    /// `openai`.
    public static let dialect = "openai"
    /// OpenAI's own address.
    public static let base: String? = "https://api.openai.com/v1"

    private let settings: ProviderSettings

    /// A provider of this dialect.
    public init(_ settings: ProviderSettings) {
        self.settings = settings
    }

    /// `POST {base}/chat/completions`.
    public func request(_ prompt: Prompt, key: String?) -> UpstreamRequest {
        ChatCompletions.request(settings, prompt, key: key, maxTokens: "max_completion_tokens")
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
