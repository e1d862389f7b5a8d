import HubProtocol
import Reactor

extension Client {
    /// Whether something keeps every rate; refuses it where it does not, and closes where that goes on.
    func keepsRate(_ budget: RateBudget, _ id: Int64?) -> Bool {
        guard let refusal = rateRefusal(budget) else { return true }
        refuse(id, refusal.error)
        isRefused(by: refusal)
        return false
    }

    /// Takes a token; says which rate is broken where there is none. Who has not said `hello` is limited, too.
    func rateRefusal(_ budget: RateBudget) -> RateRefusal? {
        guard shard.limitsRates, principal?.roles.isRateLimited ?? true else { return nil }
        let rates = self.rates ?? makeRates()
        let refusal = rates.take(budget, now: shard.loop.now.nanoseconds, shard.configuration.rates)
        if let refusal { shard.metrics.rateRefusals[refusal.scope, budget] += 1 }
        return refusal
    }

    /// Counts a refusal; one too many ends the connection.
    func isRefused(by refusal: RateRefusal) {
        let tolerated = shard.configuration.rateRefusalsTolerated
        guard let rates, !rates.tolerates(now: shard.loop.now.nanoseconds, tolerated: tolerated) else { return }
        close(.rateLimited, "retry_after=\(refusal.retryAfter)")
    }

    /// Gives the buckets up where they say nothing.
    func dropIdleRates() {
        if let rates, rates.isIdle(at: shard.loop.now.nanoseconds) { self.rates = nil }
    }

    private func makeRates() -> ClientRates {
        let made = ClientRates(
            principal,
            address: shard.addressOf?(connection.id),
            accounts: shard.hub.accounts
        )
        rates = made
        return made
    }
}

extension CommandBody {
    /// What it counts as besides a command.
    var budget: RateBudget? {
        switch self {
        case .send, .streamOpen, .streamClose, .ask: .sends
        case .signal, .streamAppend: .signals
        case .sub, .history, .presence, .read: .reads
        case .job(let command): command.budget
        case .hello, .auth, .unsub, .ping, .streamCancel, .unsupported: nil
        }
    }
}

extension JobCommand {
    /// What it counts as besides a command; a worker's are limited by its leases.
    var budget: RateBudget? {
        switch self {
        case .submit, .cancel, .answer: .sends
        case .get, .list: .reads
        case .claim, .progress, .done: nil
        }
    }
}

extension Roles {
    /// Whether somebody with only these roles is limited: customers and onlookers are, staff and programs are not.
    var isRateLimited: Bool {
        isDisjoint(with: [.helper, .operator, .moderator, .admin, .worker, .developer])
    }
}
