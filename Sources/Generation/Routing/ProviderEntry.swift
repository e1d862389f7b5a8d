/// One provider of the file: how it is talked to, with which key, at what price.
///
/// Immutable. It holds a key, so it is described by its name alone.
public struct ProviderEntry: Sendable, CustomStringConvertible {
    /// Its name in the file, unique there.
    public let name: String
    /// The dialect.
    public let dialect: String
    /// The model.
    public let model: String
    let provider: any Provider
    let key: String?
    let price: Price?
    let timeouts: ProviderTimeouts
    let addresses: AddressGuard
    let proxy: String?
    let authorities: String?

    /// The name.
    public var description: String { name }

    /// The request for an answer, with the entry's limits.
    func request(_ prompt: Prompt) -> UpstreamRequest {
        var request = provider.request(prompt, key: key)
        request.connectTimeout = timeouts.connect
        request.totalTimeout = timeouts.total
        request.addresses = addresses
        request.proxy = proxy
        request.authorities = authorities
        return request
    }
}

/// What a provider takes, per million tokens.
public struct Price: Sendable, Equatable {
    /// For tokens of the question.
    public var input: Double
    /// For tokens of the answer.
    public var output: Double
    /// ISO 4217.
    public var currency: String

    /// A price.
    public init(input: Double, output: Double, currency: String = "USD") {
        self.input = input
        self.output = output
        self.currency = currency
    }

    /// The price of so many tokens in millionths of the currency, rounded up: a millionth a token is a unit a million.
    func micros(input tokensIn: Int, output tokensOut: Int) -> Int64 {
        let exact = (input * Double(tokensIn) + output * Double(tokensOut)).rounded(.up)
        return exact < 9e18 ? Int64(exact) : Int64.max
    }
}
