/// Tokens of a stream as one run of text and where each ends in it, so that a producer's repeats can be cut off at
/// a token's edge.
///
/// Each token is whole Unicode scalars, because each came as a JSON string of its own; it may be empty. Pure.
public struct StreamTokens: Sendable, Hashable {
    /// The text of all of them, UTF-8.
    public private(set) var text: [UInt8]
    /// Where each one ends in `text`; empty for the one token that is the whole text.
    private var ends: [Int32]
    /// How many there are.
    public private(set) var count: Int

    /// No tokens.
    public init() {
        text = []
        ends = []
        count = 0
    }

    /// One token.
    public init(one text: [UInt8]) {
        self.text = text
        ends = []
        count = 1
    }

    /// Several tokens.
    public init(_ parts: some Sequence<String>) {
        self.init()
        for part in parts { append(part.utf8) }
    }

    /// Adds a token. The text of one command is bounded by its frame, well below 2 GiB.
    public mutating func append(_ token: some Collection<UInt8>) {
        if count == 1, ends.isEmpty { ends.append(Int32(text.count)) }
        text.append(contentsOf: token)
        count += 1
        if count > 1 { ends.append(Int32(text.count)) }
    }

    /// Where the text of the first `tokens` tokens ends; `tokens` is clamped to 0…count.
    public func end(of tokens: Int) -> Int {
        if tokens <= 0 { return 0 }
        if tokens >= count { return text.count }
        return Int(ends[tokens - 1])
    }
}
