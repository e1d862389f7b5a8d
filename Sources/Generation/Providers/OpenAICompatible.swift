/// Any server that speaks Chat Completions: Ollama, vLLM, llama.cpp. The base address must be given.
public struct OpenAICompatible: Provider {
    /// `openai-compatible`.
    public static let dialect = "openai-compatible"
    /// Anywhere.
    public static let base: String? = nil

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
