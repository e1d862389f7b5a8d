import HubProtocol

/// Anthropic's Messages API.
public struct Anthropic: Provider {
    /// `anthropic`.
    public static let dialect = "anthropic"
    /// Anthropic's own address.
    public static let base: String? = "https://api.anthropic.com/v1"
    /// The request must name a limit; this one where the file names none.
    static let maxTokens = 1024

    private let settings: ProviderSettings

    /// A provider of this dialect.
    public init(_ settings: ProviderSettings) {
        self.settings = settings
    }

    /// `POST {base}/messages`.
    public func request(_ prompt: Prompt, key: String?) -> UpstreamRequest {
        var body = JSONObjectWriter()
        body.member("model", settings.model)
        body.member("max_tokens", settings.maxTokens ?? Anthropic.maxTokens)
        if let system = prompt.system { body.member("system", system) }
        body.messages("messages", ProviderRequest.messages(prompt, system: false))
        body.member("stream", true)
        if let temperature = settings.temperature { body.member("temperature", temperature) }
        var headers = [(name: "anthropic-version", value: "2023-06-01")]
        if let key { headers.append((name: "x-api-key", value: key)) }
        return ProviderRequest.post(
            settings,
            "/messages",
            accept: "text/event-stream",
            headers: headers,
            body: body.finish()
        )
    }

    /// Events named by their `type`.
    public func makeReader() -> any AnswerReader {
        AnthropicReader()
    }

    /// By status and `error.type`. A 429 without `retry-after` is a limit of spending, which waiting does not lift.
    public func failure(_ head: UpstreamHead, body: [UInt8]) -> ProviderFailure {
        var failure = ProviderErrors.failure(head, codes: ProviderErrors.words(body, code: ["type"]))
        if head.status == 429, failure.retryAfter == nil { failure.kind = .quota }
        return failure
    }
}

/// The events of a message. Usage comes in `message_start` and, counting up, in `message_delta`; `message_stop` is the end; an
/// `error` may come at any time; events that are not known are passed over.
struct AnthropicReader: AnswerReader {
    private var parser = EventStreamParser()
    private var reason = FinishReason.stop
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
        data.withUnsafeBytes { bytes in
            guard let event = try? JSONObject(ByteView(bytes)), let type = event.string("type") else {
                return end(.failed(ProviderFailure(.garbage, code: "json")), &pieces)
            }
            take(event, type, &pieces)
        }
    }

    private mutating func take(_ event: JSONObject, _ type: String, _ pieces: inout [AnswerPiece]) {
        switch type {
        case "message_start":
            if let usage = event.object("message").flatMap(usage) { pieces.append(.usage(usage)) }
        case "content_block_delta":
            if let delta = event.object("delta"), delta.string("type") == "text_delta",
                let text = delta.string("text"), !text.isEmpty
            {
                pieces.append(.text(text))
            }
        case "message_delta":
            if let word = event.object("delta")?.string("stop_reason") { reason = AnthropicReader.reason(word) }
            if let usage = usage(event) { pieces.append(.usage(usage)) }
        case "message_stop": end(.finished(reason), &pieces)
        case "error":
            let words = event.object("error").map { ProviderErrors.words($0, ["type"]) } ?? []
            end(.failed(ProviderFailure(ProviderErrors.kind(words: words), code: words.first)), &pieces)
        default: break
        }
    }

    private func usage(_ holder: JSONObject) -> TokenUsage? {
        holder.object("usage").map { usage in
            TokenUsage(
                input: usage.integer("input_tokens").map { Int(clamping: $0) },
                output: usage.integer("output_tokens").map { Int(clamping: $0) }
            )
        }
    }

    private static func reason(_ word: String) -> FinishReason {
        switch word {
        case "end_turn", "stop_sequence": .stop
        case "max_tokens", "model_context_window_exceeded": .length
        case "refusal": .filtered
        case "tool_use": .tool
        default: .other
        }
    }
}
