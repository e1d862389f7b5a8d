/// How one kind of provider is talked to. A value; does no I/O.
public protocol Provider: Sendable {
    /// The name of the dialect, as in the file of providers.
    static var dialect: String { get }
    /// Where it is where the file names no other base address; nil where it must.
    static var base: String? { get }

    /// Made from an entry of the file.
    init(_ settings: ProviderSettings)

    /// The request that asks for a streamed answer.
    func request(_ prompt: Prompt, key: String?) -> UpstreamRequest
    /// Reads the body of a successful response.
    func makeReader() -> any AnswerReader
    /// What a response with an error status says.
    func failure(_ head: UpstreamHead, body: [UInt8]) -> ProviderFailure
}

/// Reads one streamed answer, fed in pieces that are cut anywhere. Holds at most one unfinished event.
public protocol AnswerReader {
    /// Takes bytes and gives what they say.
    mutating func read(_ bytes: [UInt8]) -> [AnswerPiece]
    /// The body is over: what was still missing. Ends with `finished` or `failed` unless one was given before.
    mutating func end() -> [AnswerPiece]
}

/// An entry of the file of providers, in what concerns its requests.
public struct ProviderSettings: Sendable, Equatable {
    /// Base address without a slash at its end.
    public var base: String
    /// The model as the provider names it.
    public var model: String
    /// Limit of an answer's tokens.
    public var maxTokens: Int?
    /// How free the answer may be.
    public var temperature: Double?
    /// The folder, for YandexGPT.
    public var folder: String?
    /// Further header fields.
    public var headers: [String: String] = [:]

    /// Settings.
    public init(base: String, model: String, maxTokens: Int? = nil, temperature: Double? = nil, folder: String? = nil) {
        self.base = base
        self.model = model
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.folder = folder
    }
}

/// Every dialect there is.
public enum Dialects {
    /// By name.
    public static let all: [String: any Provider.Type] = Dictionary(
        uniqueKeysWithValues: known.map { ($0.dialect, $0) }
    )

    private static let known: [any Provider.Type] = [
        OpenAIChat.self, OpenAIResponses.self, Anthropic.self, OpenRouter.self, Groq.self, YandexGPT.self,
        OpenAICompatible.self,
    ]
}
