import HubProtocol

/// YandexGPT's own API, which streams lines of JSON with the whole text so far in each.
public struct YandexGPT: Provider {
    /// `yandexgpt`.
    public static let dialect = "yandexgpt"
    /// Yandex Cloud's own address.
    public static let base: String? = "https://llm.api.cloud.yandex.net/foundationModels/v1"

    private let settings: ProviderSettings

    /// A provider of this dialect.
    public init(_ settings: ProviderSettings) {
        self.settings = settings
    }

    /// `POST {base}/completion`. The model is `gpt://<folder>/<model>` unless it is a URI already.
    public func request(_ prompt: Prompt, key: String?) -> UpstreamRequest {
        var body = JSONObjectWriter()
        let isWhole = settings.model.contains("://")
        body.member("modelUri", isWhole ? settings.model : "gpt://\(settings.folder ?? "")/\(settings.model)")
        body.object("completionOptions") { options in
            options.member("stream", true)
            if let temperature = settings.temperature { options.member("temperature", temperature) }
            // 64-bit integers are texts in the JSON of protocol buffers.
            if let limit = settings.maxTokens { options.member("maxTokens", String(limit)) }
        }
        body.messages("messages", ProviderRequest.messages(prompt, system: true, text: "text"))
        var headers: [(name: String, value: String)] = []
        if let key { headers.append((name: "Authorization", value: YandexGPT.authorization(key))) }
        if let folder = settings.folder { headers.append((name: "x-folder-id", value: folder)) }
        return ProviderRequest.post(
            settings,
            "/completion",
            accept: "application/json",
            headers: headers,
            body: body.finish()
        )
    }

    /// IAM tokens begin with `t1.`; everything else is an API key.
    private static func authorization(_ key: String) -> String {
        key.hasPrefix("t1.") ? "Bearer \(key)" : "Api-Key \(key)"
    }

    /// Lines of JSON.
    public func makeReader() -> any AnswerReader {
        YandexReader()
    }

    /// By status, and by `error.grpcCode`.
    public func failure(_ head: UpstreamHead, body: [UInt8]) -> ProviderFailure {
        ProviderErrors.failure(head, codes: ProviderErrors.words(body, code: ["grpcCode"]))
    }
}

/// Lines of `{"result": {"alternatives": [{"message": {"text"}, "status"}], "usage"}}`. `text` is everything so far; where it no
/// longer begins with what it was before, the earlier text is taken back. A line with `error` is a failure. The end is a line
/// with a final status; nothing closes the stream.
struct YandexReader: AnswerReader {
    private var lines = LineParser()
    private var text: [UInt8] = []
    private var reason: FinishReason?
    private var isOver = false

    mutating func read(_ bytes: [UInt8]) -> [AnswerPiece] {
        var whole: [[UInt8]] = []
        lines.read(bytes) { whole.append($0) }
        var pieces: [AnswerPiece] = []
        for line in whole where !isOver && !line.isEmpty { take(line, &pieces) }
        if lines.isTooLong, !isOver { fail(ProviderFailure(.garbage, code: "line_too_long"), &pieces) }
        return pieces
    }

    mutating func end() -> [AnswerPiece] {
        var pieces: [AnswerPiece] = []
        let rest = lines.rest()
        if !isOver, !rest.isEmpty {
            // The last line may lack its end, but a piece of a line is a cut.
            let isWhole = rest.withUnsafeBytes { (try? JSONObject(ByteView($0))) != nil }
            if isWhole { take(rest, &pieces) }
        }
        guard !isOver else { return pieces }
        isOver = true
        return pieces + [reason.map { .finished($0) } ?? .failed(ProviderFailure(.truncated))]
    }

    private mutating func fail(_ failure: ProviderFailure, _ pieces: inout [AnswerPiece]) {
        isOver = true
        pieces.append(.failed(failure))
    }

    private mutating func take(_ line: [UInt8], _ pieces: inout [AnswerPiece]) {
        line.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(ByteView(bytes)) else {
                return fail(ProviderFailure(.garbage, code: "json"), &pieces)
            }
            if let error = object.object("error") { return fail(YandexReader.failure(error), &pieces) }
            guard let result = object.object("result") else { return }
            take(result, &pieces)
        }
    }

    private mutating func take(_ result: JSONObject, _ pieces: inout [AnswerPiece]) {
        if let first = result.elements("alternatives")?.first, let alternative = try? JSONObject(first) {
            if let now = alternative.object("message")?.string("text") { grow(Array(now.utf8), &pieces) }
            reason = alternative.string("status").flatMap(YandexReader.reason)
        }
        if let usage = result.object("usage") {
            pieces.append(
                .usage(
                    TokenUsage(
                        input: YandexReader.count(usage, "inputTextTokens"),
                        output: YandexReader.count(usage, "completionTokens")
                    )
                )
            )
        }
    }

    private mutating func grow(_ now: [UInt8], _ pieces: inout [AnswerPiece]) {
        guard now != text else { return }
        if now.starts(with: text) {
            pieces.append(.text(String(decoding: now[text.count...], as: UTF8.self)))
        } else {
            pieces.append(.rewrite(String(decoding: now, as: UTF8.self)))
        }
        text = now
    }

    private static func count(_ usage: JSONObject, _ name: String) -> Int? {
        usage.string(name).flatMap(Int.init) ?? usage.integer(name).map { Int(clamping: $0) }
    }

    private static func reason(_ status: String) -> FinishReason? {
        switch status {
        case "ALTERNATIVE_STATUS_FINAL": .stop
        case "ALTERNATIVE_STATUS_TRUNCATED_FINAL": .length
        case "ALTERNATIVE_STATUS_CONTENT_FILTER": .filtered
        case "ALTERNATIVE_STATUS_TOOL_CALLS": .tool
        default: nil
        }
    }

    private static func failure(_ error: JSONObject) -> ProviderFailure {
        let status = error.integer("httpCode").map { Int(clamping: $0) }
        let codes = ProviderErrors.words(error, ["grpcCode"])
        return ProviderFailure(ProviderErrors.kind(words: codes, status: status), status: status, code: codes.first)
    }
}
