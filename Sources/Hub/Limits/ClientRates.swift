import HubProtocol

/// How fast one client may be: its own buckets, and the accounts that it shares with others.
///
/// Made with a limited client's first command and dropped when it says nothing any more, so that an idle client pays
/// nothing for it. Isolation: confined to the client's loop.
final class ClientRates {
    private var own = InlineArray<4, TokenBucket>(repeating: TokenBucket())
    private var refusals = TokenBucket()
    // Side by side, so that a command touches no owner's strings.
    private let scopes: [RateScope]
    private let shared: [RateAccount]
    private let owners: [RateAccounts.Owner]
    private let accounts: RateAccounts

    /// `principal` is nil before `hello`; `address` where the peer's is exempt.
    init(_ principal: Principal?, address: String?, accounts: RateAccounts) {
        self.accounts = accounts
        var owners: [(RateScope, RateAccounts.Owner)] = []
        if let principal { owners.append((.user, .user(principal.tenant, principal.user))) }
        if let address { owners.append((.address, .address(address))) }
        if let principal { owners.append((.tenant, .tenant(principal.tenant))) }
        scopes = owners.map(\.0)
        self.owners = owners.map(\.1)
        shared = owners.map { accounts.hold($1) }
    }

    deinit {
        for (account, owner) in zip(shared, owners) { accounts.release(account, of: owner) }
    }

    /// Takes a token of every bucket that counts this, or of none.
    func take(_ budget: RateBudget, now: UInt64, _ limits: RateLimits) -> RateRefusal? {
        let rate = limits[.connection, budget]
        if rate.isLimited,
            case .refused(let wait) = own[budget.rawValue].take(now: now, rate: rate.perSecond, burst: rate.burst)
        {
            return RateRefusal(scope: .connection, budget: budget, perSecond: rate.perSecond, retryAfter: wait)
        }
        for index in scopes.indices {
            let rate = limits[scopes[index], budget]
            guard rate.isLimited, case .refused(let wait) = shared[index].take(budget, now: now, rate) else { continue }
            giveBack(budget, upTo: index, limits)
            return RateRefusal(scope: scopes[index], budget: budget, perSecond: rate.perSecond, retryAfter: wait)
        }
        return nil
    }

    private func giveBack(_ budget: RateBudget, upTo end: Int, _ limits: RateLimits) {
        let rate = limits[.connection, budget]
        if rate.isLimited { own[budget.rawValue].giveBack(rate: rate.perSecond) }
        for index in 0..<end where limits[scopes[index], budget].isLimited {
            shared[index].giveBack(budget, limits[scopes[index], budget])
        }
    }

    /// Notes a refusal; false where there have been more than is tolerated. A tenth of the tolerated number is
    /// forgiven a second.
    func tolerates(now: UInt64, tolerated: Int) -> Bool {
        guard tolerated > 0 else { return false }
        return refusals.take(now: now, rate: max(1, tolerated / 10), burst: tolerated) == .taken
    }

    /// Whether it says nothing: everything that this client took has come back to it.
    func isIdle(at now: UInt64) -> Bool {
        for index in 0..<4 where !own[index].isFull(at: now) { return false }
        return refusals.isFull(at: now)
    }
}

@available(*, unavailable)
extension ClientRates: Sendable {}
