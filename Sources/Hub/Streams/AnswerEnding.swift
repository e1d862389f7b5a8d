import HubProtocol

/// How an answer ended, and what readers are told of it.
public struct AnswerEnding: Sendable, Hashable {
    /// `done`, `failed`, or `cancelled` where that was asked for.
    public var state: StreamState
    /// What it took, all attempts together.
    public var usage: AnswerUsage?
    /// Who wrote it: `openai`, `local`.
    public var provider: String?
    /// With which model.
    public var model: String?
    /// Why it failed.
    public var error: Fault?
    /// A JSON object on one line for readers, kept as it is: the articles used, a confidence, the offer of a person.
    public var data: [UInt8]?

    /// Why an answer failed, for the person who asked: no secret, nothing of the provider's internals.
    public struct Fault: Sendable, Hashable {
        /// A stable word: `unavailable`, `too_large`, `internal`.
        public var code: String
        /// A sentence.
        public var message: String

        /// A fault.
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// An ending of which nothing more is known.
    public init(_ state: StreamState) {
        self.state = state
    }

    /// As it is kept. Where it is not an ending at all it is a failure.
    var kept: StreamEnding {
        var ending = StreamEnding(state == .open ? .failed : state)
        ending.usage = usage?.json
        ending.cost = usage?.costJSON
        ending.provider = provider
        ending.model = model
        ending.data = data
        if let error {
            var object = JSONObjectWriter()
            object.member("code", error.code)
            object.member("message", error.message)
            ending.error = object.finish()
        }
        return ending
    }
}

/// What an answer has taken.
public struct AnswerUsage: Sendable, Hashable {
    /// Tokens of the question, its context included.
    public var tokensIn: Int
    /// Tokens of the answer.
    public var tokensOut: Int
    /// The price in millionths of the currency; nil where it is not known.
    public var costMicros: Int64?
    /// ISO 4217, `USD` by default.
    public var currency: String

    /// What was taken.
    public init(tokensIn: Int, tokensOut: Int, costMicros: Int64? = nil, currency: String = "USD") {
        self.tokensIn = tokensIn
        self.tokensOut = tokensOut
        self.costMicros = costMicros
        self.currency = currency
    }

    /// `{"tokens_in","tokens_out"}`, with `cost` and `currency` where the price is known.
    var json: [UInt8] {
        var object = JSONObjectWriter()
        object.member("tokens_in", tokensIn)
        object.member("tokens_out", tokensOut)
        if let costJSON {
            object.member("cost", raw: costJSON)
            object.member("currency", currency)
        }
        return object.finish()
    }

    /// The price as a JSON number with six decimals.
    var costJSON: [UInt8]? {
        guard let costMicros else { return nil }
        let (whole, rest) = costMicros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest)
        let sign = costMicros < 0 ? "-" : ""
        return Array("\(sign)\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)".utf8)
    }
}
