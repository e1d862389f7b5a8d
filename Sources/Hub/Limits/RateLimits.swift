/// What a rate limit counts.
public enum RateBudget: Int, Sendable, CaseIterable {
    /// Commands of any kind and pings; over HTTP, requests.
    case commands
    /// Events to be kept.
    case sends
    /// Typing, cursors and the like.
    case signals
    /// `sub`, `history`, `presence`, `read`, and each room of a `hello`.
    case reads

    /// As in settings, metrics and sentences.
    public var name: String { String(describing: self) }
}

/// Whose rate is counted: a refusal by one of them is a refusal.
public enum RateScope: Int, Sendable, CaseIterable {
    /// One WebSocket; over HTTP, all requests of one person.
    case connection
    /// One person, over all their connections and requests, on all loops.
    case user
    /// Everybody in a tenant together.
    case tenant
    /// One address; loopback and trusted proxies are exempt.
    case address

    /// As in settings, metrics and sentences.
    public var name: String { String(describing: self) }
}

/// So many a second, with a burst. A rate of 0 is no limit.
public struct Rate: Sendable, Equatable {
    /// Tokens that come back a second.
    public var perSecond: Int
    /// Tokens of a full bucket, at least 1.
    public var burst: Int

    /// A rate; without a burst of its own that of 5 seconds.
    public init(perSecond: Int, burst: Int? = nil) {
        self.perSecond = perSecond
        self.burst = max(1, burst ?? perSecond * 5)
    }

    /// Whether it limits anything.
    public var isLimited: Bool { perSecond > 0 }

    /// No limit.
    public static let unlimited = Rate(perSecond: 0)
}

/// Every rate of people with the roles that are limited (`user`, `viewer`), and of those who have not said `hello`.
public struct RateLimits: Sendable, Equatable {
    private var rates: [Rate]

    /// The defaults. Sends: those of the contract for a connection, four of those for a person.
    public init() {
        rates = [
            Rate(perSecond: 500), Rate(perSecond: 10), Rate(perSecond: 50), Rate(perSecond: 100),
            Rate(perSecond: 2_000), Rate(perSecond: 40), Rate(perSecond: 200), Rate(perSecond: 400),
            Rate(perSecond: 200_000), Rate(perSecond: 5_000), Rate(perSecond: 20_000), Rate(perSecond: 50_000),
            Rate(perSecond: 20_000), Rate(perSecond: 400), Rate(perSecond: 2_000), Rate(perSecond: 4_000),
        ]
    }

    /// Nobody is limited.
    public static var off: RateLimits {
        var limits = RateLimits()
        limits.rates = limits.rates.map { _ in .unlimited }
        return limits
    }

    /// The rate of a scope and budget.
    public subscript(scope: RateScope, budget: RateBudget) -> Rate {
        get { rates[scope.rawValue * RateBudget.allCases.count + budget.rawValue] }
        set { rates[scope.rawValue * RateBudget.allCases.count + budget.rawValue] = newValue }
    }
}
