import HubProtocol

/// A rate that is broken: whose, of what, and when there will be a place again.
struct RateRefusal: Sendable, Equatable {
    let scope: RateScope
    let budget: RateBudget
    let perSecond: Int
    /// In ms, at least 1.
    let retryAfter: Int

    /// What the peer is told.
    var error: ErrorReply {
        let whose =
            switch scope {
            case .connection: ""
            case .user: " of one person"
            case .tenant: " of all people together"
            case .address: " of one address"
            }
        return ErrorReply(.rateLimited, "at most \(perSecond) \(budget.name) a second\(whose)", retryAfter: retryAfter)
    }
}

/// How often each limit has refused, by scope and budget. Plain numbers of one loop.
public struct RateRefusals: Sendable {
    private var counts = [UInt64](repeating: 0, count: RateScope.allCases.count * RateBudget.allCases.count)

    /// None yet.
    public init() {}

    /// Refusals of a scope and budget.
    public subscript(scope: RateScope, budget: RateBudget) -> UInt64 {
        get { counts[scope.rawValue * RateBudget.allCases.count + budget.rawValue] }
        set { counts[scope.rawValue * RateBudget.allCases.count + budget.rawValue] = newValue }
    }

    /// All of them together.
    public var total: UInt64 { counts.reduce(0, +) }
}
