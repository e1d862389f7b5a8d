/// The time limits of one request for an answer. Pure; the connection's own limit and that of the whole are libcurl's.
///
/// The first token must come within `firstToken` of the request, whatever else comes before. After it any byte counts as life:
/// providers send comments and pings while they think.
struct AnswerDeadlines: Equatable {
    private let limits: ProviderTimeouts
    private let begun: Int64
    private var lastByte: Int64?

    init(_ limits: ProviderTimeouts, now: Int64) {
        self.limits = limits
        begun = now
    }

    /// Bytes have come; `hasText`: the first token is among them or was before.
    mutating func received(_ now: Int64, hasText: Bool) {
        if hasText { lastByte = now }
    }

    /// When it is too late, unless something comes.
    var moment: Int64 {
        lastByte.map { $0 + limits.idle.nanoseconds } ?? begun + limits.firstToken.nanoseconds
    }
}

/// How long a provider may take.
public struct ProviderTimeouts: Sendable, Equatable {
    /// For name, connection and TLS. Default 5 s.
    public var connect: Duration = .seconds(5)
    /// From the request to the first token. Default 30 s.
    public var firstToken: Duration = .seconds(30)
    /// Between two bytes after the first token. Default 30 s.
    public var idle: Duration = .seconds(30)
    /// For everything. Default 600 s.
    public var total: Duration = .seconds(600)

    /// The defaults.
    public init() {}
}
