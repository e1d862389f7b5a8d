import HubProtocol

/// OpenAI's Chat Completions as many servers speak them: the request's body and the stream's chunks.
///
/// A stream is events of `data:` alone: chunks with `choices[0].delta.content`, one with a `finish_reason`, one with `usage`
/// and no choices, and `[DONE]`. A chunk with `error` is a failure, whatever comes behind it. A stream that ends with
/// neither a finish reason nor `[DONE]` was cut.
struct ChatCompletionsReader: AnswerReader {
    private var parser = EventStreamParser()
    private var reason: FinishReason?
    private var isOver = false

    mutating func read(_ bytes: [UInt8]) -> [AnswerPiece] {
        var pieces: [AnswerPiece] = []
        for event in parser.read(bytes) where !isOver { take(event.data, &pieces) }
        if parser.isTooLong, !isOver { fail(ProviderFailure(.garbage, code: "line_too_long"), &pieces) }
        return pieces
    }

    mutating func end() -> [AnswerPiece] {
        guard !isOver else { return [] }
        isOver = true
        return [reason.map { .finished($0) } ?? .failed(ProviderFailure(.truncated))]
    }

    private mutating func take(_ data: [UInt8], _ pieces: inout [AnswerPiece]) {
        if data.elementsEqual("[DONE]".utf8) {
            isOver = true
            return pieces.append(.finished(reason ?? .stop))
        }
        data.withUnsafeBytes { bytes in
            guard let chunk = try? JSONObject(ByteView(bytes)) else {
                return fail(ProviderFailure(.garbage, code: "json"), &pieces)
            }
            take(chunk, &pieces)
        }
    }

    private mutating func take(_ chunk: JSONObject, _ pieces: inout [AnswerPiece]) {
        if let failure = ChatCompletions.failure(in: chunk) { return fail(failure, &pieces) }
        if let first = chunk.elements("choices")?.first, let choice = try? JSONObject(first) {
            let delta = choice.object("delta")
            for name in ["content", "refusal"] {
                if let text = delta?.string(name), !text.isEmpty { pieces.append(.text(text)) }
            }
            if let word = choice.string("finish_reason") { reason = ChatCompletions.reason(word) }
        }
        if let usage = ChatCompletions.usage(in: chunk) { pieces.append(.usage(usage)) }
    }

    private mutating func fail(_ failure: ProviderFailure, _ pieces: inout [AnswerPiece]) {
        isOver = true
        pieces.append(.failed(failure))
    }
}

/// The parts of Chat Completions that dialects share.
enum ChatCompletions {
    static func body(_ settings: ProviderSettings, _ prompt: Prompt, maxTokens: String) -> [UInt8] {
        var body = JSONObjectWriter()
        body.member("model", settings.model)
        body.messages("messages", ProviderRequest.messages(prompt, system: true))
        body.member("stream", true)
        body.object("stream_options") { $0.member("include_usage", true) }
        if let limit = settings.maxTokens { body.member(maxTokens, limit) }
        if let temperature = settings.temperature { body.member("temperature", temperature) }
        return body.finish()
    }

    static func request(
        _ settings: ProviderSettings,
        _ prompt: Prompt,
        key: String?,
        maxTokens: String = "max_tokens"
    ) -> UpstreamRequest {
        ProviderRequest.post(
            settings,
            "/chat/completions",
            accept: "text/event-stream",
            headers: ProviderRequest.bearer(key),
            body: body(settings, prompt, maxTokens: maxTokens)
        )
    }

    static func reason(_ word: String) -> FinishReason {
        switch word {
        case "stop", "eos": .stop
        case "length": .length
        case "content_filter": .filtered
        case "tool_calls", "function_call": .tool
        default: .other
        }
    }

    /// `error` as an object or a text; Groq puts it into `x_groq`.
    static func failure(in chunk: JSONObject) -> ProviderFailure? {
        if let error = chunk.object("error") {
            var words = ProviderErrors.words(error)
            if let inner = error.object("metadata")?.string("error_type") { words.insert(inner, at: 0) }
            let status = error.integer("code").map { Int(clamping: $0) }
            return ProviderFailure(ProviderErrors.kind(words: words, status: status), status: status, code: words.first)
        }
        if chunk.string("error") != nil || chunk.object("x_groq")?.string("error") != nil {
            return ProviderFailure(.server, code: "error")
        }
        return nil
    }

    /// `usage` of the chunk, or Groq's `x_groq.usage`.
    static func usage(in chunk: JSONObject) -> TokenUsage? {
        guard let usage = chunk.object("usage") ?? chunk.object("x_groq")?.object("usage") else { return nil }
        return TokenUsage(
            input: usage.integer("prompt_tokens").map { Int(clamping: $0) },
            output: usage.integer("completion_tokens").map { Int(clamping: $0) },
            cost: usage.raw("cost").flatMap { Double($0.string()) }
        )
    }
}
