/// The `data` of the two kept events of a stream, kind `stream`.
public enum StreamEventData {
    /// Of the first one. `meta` is a JSON object as it was written; `question` the offset of the message that an
    /// assistant answers.
    public static func opened(
        stream: String,
        attempt: Int64,
        title: String?,
        meta: [UInt8]?,
        question: Int64?
    ) -> [UInt8] {
        var object = JSONObjectWriter()
        object.member("stream", stream)
        object.member("state", StreamState.open.rawValue)
        object.member("attempt", attempt)
        if let title { object.member("title", title) }
        if let meta { object.member("meta", raw: meta) }
        if let question { object.member("question", question) }
        return object.finish()
    }

    /// Of the last one, with the whole text of the attempt that counts.
    public static func ended(stream: String, attempt: Int64, text: [UInt8], _ ending: StreamEnding) -> [UInt8] {
        var quoted: [UInt8] = []
        quoted.reserveCapacity(text.count + text.count / 8 + 16)
        text.withUnsafeBytes { JSONText.appendString(ByteView($0), into: &quoted) }
        var object = JSONObjectWriter()
        object.member("stream", stream)
        object.member("state", ending.state.rawValue)
        object.member("attempt", attempt)
        object.member("text", raw: quoted)
        if let usage = ending.usage { object.member("usage", raw: usage) }
        if let cost = ending.cost { object.member("cost", raw: cost) }
        if let provider = ending.provider { object.member("provider", provider) }
        if let model = ending.model { object.member("model", model) }
        if let error = ending.error { object.member("error", raw: error) }
        if let data = ending.data { object.member("data", raw: data) }
        return object.finish()
    }
}

/// How a stream ended and what is to be kept of that. The raw parts are JSON values without line breaks.
public struct StreamEnding: Sendable, Hashable {
    /// Never `open`.
    public var state: StreamState
    /// Tokens, as the producer counts them: an object.
    public var usage: [UInt8]?
    /// What it cost: a number, or an object with its currency.
    public var cost: [UInt8]?
    /// Who wrote the text.
    public var provider: String?
    /// With which model.
    public var model: String?
    /// Why it failed.
    public var error: [UInt8]?
    /// Whatever else readers are to know.
    public var data: [UInt8]?

    /// An ending of which nothing more is known.
    public init(_ state: StreamState) {
        self.state = state
    }
}
