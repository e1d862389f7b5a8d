import HubProtocol

/// OpenAI's Responses API.
public struct OpenAIResponses: Provider {
    /// `openai-responses`.
    public static let dialect = "openai-responses"
    /// OpenAI's own address.
    public static let base: String? = "https://api.openai.com/v1"

    private let settings: ProviderSettings

    /// A provider of this dialect.
    public init(_ settings: ProviderSettings) {
        self.settings = settings
    }

    /// `POST {base}/responses`. The hub keeps the conversation; the provider is asked not to.
    public func request(_ prompt: Prompt, key: String?) -> UpstreamRequest {
        var body = JSONObjectWriter()
        body.member("model", settings.model)
        if let system = prompt.system { body.member("instructions", system) }
        body.messages("input", ProviderRequest.messages(prompt, system: false))
        body.member("stream", true)
        body.member("store", false)
        if let limit = settings.maxTokens { body.member("max_output_tokens", limit) }
        if let temperature = settings.temperature { body.member("temperature", temperature) }
        return ProviderRequest.post(
            settings,
            "/responses",
            accept: "text/event-stream",
            headers: ProviderRequest.bearer(key),
            body: body.finish()
        )
    }

    /// Events named by their `type`.
    public func makeReader() -> any AnswerReader {
        ResponsesReader()
    }

    /// By status, and by `error.code` and `error.type`.
    public func failure(_ head: UpstreamHead, body: [UInt8]) -> ProviderFailure {
        ProviderErrors.failure(head, codes: ProviderErrors.words(body))
    }
}

/// The events of a response: text comes in `response.output_text.delta`, the end is `response.completed`, `.incomplete`,
/// `.failed` or `error`; types that are not known are passed over. There is no `[DONE]` to rely on.
struct ResponsesReader: AnswerReader {
    private var parser = EventStreamParser()
    private var isOver = false

    mutating func read(_ bytes: [UInt8]) -> [AnswerPiece] {
        var pieces: [AnswerPiece] = []
        for event in parser.read(bytes) where !isOver { take(event.data, &pieces) }
        if parser.isTooLong, !isOver { end(.failed(ProviderFailure(.garbage, code: "line_too_long")), &pieces) }
        return pieces
    }

    mutating func end() -> [AnswerPiece] {
        guard !isOver else { return [] }
        isOver = true
        return [.failed(ProviderFailure(.truncated))]
    }

    private mutating func end(_ piece: AnswerPiece, _ pieces: inout [AnswerPiece]) {
        isOver = true
        pieces.append(piece)
    }

    private mutating func take(_ data: [UInt8], _ pieces: inout [AnswerPiece]) {
        guard !data.elementsEqual("[DONE]".utf8) else { return }
        data.withUnsafeBytes { bytes in
            guard let event = try? JSONObject(ByteView(bytes)), let type = event.string("type") else {
                return end(.failed(ProviderFailure(.garbage, code: "json")), &pieces)
            }
            take(event, type, &pieces)
        }
    }

    private mutating func take(_ event: JSONObject, _ type: String, _ pieces: inout [AnswerPiece]) {
        switch type {
        case "response.output_text.delta", "response.refusal.delta":
            if let text = event.string("delta"), !text.isEmpty { pieces.append(.text(text)) }
        case "response.completed", "response.incomplete", "response.failed":
            let response = event.object("response")
            if let usage = response.flatMap(usage) { pieces.append(.usage(usage)) }
            end(ResponsesReader.ending(type, response), &pieces)
        case "error":
            let words = ProviderErrors.words(event.object("error") ?? event, ["code"])
            end(.failed(ProviderFailure(ProviderErrors.kind(words: words), code: words.first)), &pieces)
        default: break
        }
    }

    private func usage(_ response: JSONObject) -> TokenUsage? {
        response.object("usage").map { usage in
            TokenUsage(
                input: usage.integer("input_tokens").map { Int(clamping: $0) },
                output: usage.integer("output_tokens").map { Int(clamping: $0) }
            )
        }
    }

    private static func ending(_ type: String, _ response: JSONObject?) -> AnswerPiece {
        switch type {
        case "response.completed": return .finished(.stop)
        case "response.incomplete":
            let reason = response?.object("incomplete_details")?.string("reason")
            return .finished(reason == "max_output_tokens" ? .length : reason == "content_filter" ? .filtered : .other)
        default:
            let words = response?.object("error").map { ProviderErrors.words($0, ["code"]) } ?? []
            return .failed(ProviderFailure(ProviderErrors.kind(words: words), code: words.first))
        }
    }
}
