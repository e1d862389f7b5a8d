import HubProtocol
import Reactor

/// Rates of requests over HTTP, which have no connection whose buckets could count them.
extension Shard {
    /// Why a request of this person comes too fast; nil where it does not, and for roles that are not limited.
    /// `address` is nil where the peer's is exempt.
    func rateRefusal(of principal: Principal, _ budget: RateBudget, address: String?) -> ErrorReply? {
        guard limitsRates, principal.roles.isRateLimited else { return nil }
        var owners: [(scope: RateScope, owner: RateAccounts.Owner)] = [
            (.connection, .requests(principal.tenant, principal.user)),
            (.user, .user(principal.tenant, principal.user)),
        ]
        if let address { owners.append((.address, .address(address))) }
        owners.append((.tenant, .tenant(principal.tenant)))
        for budget in [RateBudget.commands, budget] {
            if let refusal = refusal(by: owners, budget) { return refusal.error }
        }
        return nil
    }

    private func refusal(by owners: [(scope: RateScope, owner: RateAccounts.Owner)], _ budget: RateBudget)
        -> RateRefusal?
    {
        let now = loop.now.nanoseconds
        for (index, entry) in owners.enumerated() {
            let rate = configuration.rates[entry.scope, budget]
            guard rate.isLimited, case .refused(let wait) = hub.accounts.take(entry.owner, budget, now: now, rate)
            else { continue }
            for earlier in owners[..<index] where configuration.rates[earlier.scope, budget].isLimited {
                hub.accounts.giveBack(earlier.owner, budget, configuration.rates[earlier.scope, budget])
            }
            metrics.rateRefusals[entry.scope, budget] += 1
            return RateRefusal(scope: entry.scope, budget: budget, perSecond: rate.perSecond, retryAfter: wait)
        }
        return nil
    }

    /// Takes a token of an address for a kind of route; says how long to wait, in ms, where there is none.
    public func wait(of address: String, route: UInt8, _ rate: Rate) -> Int? {
        guard limitsRates, rate.isLimited else { return nil }
        let owner = RateAccounts.Owner.route(address, route)
        guard case .refused(let wait) = hub.accounts.take(owner, .commands, now: loop.now.nanoseconds, rate) else {
            return nil
        }
        metrics.rateRefusals[.address, .commands] += 1
        return wait
    }

    /// Gives such a token back.
    public func giveBack(to address: String, route: UInt8, _ rate: Rate) {
        guard limitsRates, rate.isLimited else { return }
        hub.accounts.giveBack(.route(address, route), .commands, rate)
    }
}
