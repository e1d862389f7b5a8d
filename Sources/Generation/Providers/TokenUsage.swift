/// Tokens of one attempt as its provider counted them; what it did not say stays nil.
public struct TokenUsage: Sendable, Equatable {
    /// Tokens of the prompt.
    public var input: Int?
    /// Tokens of the answer, reasoning included.
    public var output: Int?
    /// The provider's own price in US dollars, where it says one.
    public var cost: Double?

    /// A count.
    public init(input: Int? = nil, output: Int? = nil, cost: Double? = nil) {
        self.input = input
        self.output = output
        self.cost = cost
    }

    /// Takes over what the other says: providers count up, and repeat.
    public mutating func update(_ other: TokenUsage) {
        input = other.input ?? input
        output = other.output ?? output
        cost = other.cost ?? cost
    }
}
