import Foundation
import HubProtocol
import Testing

@testable import HubCore

@Suite struct RateAccountTests {
    private static let second: UInt64 = 1_000_000_000
    private let two = Rate(perSecond: 10, burst: 2)

    @Test func eachBudgetHasABucket() {
        let account = RateAccount()
        for budget in RateBudget.allCases {
            #expect(account.take(budget, now: Self.second, two) == .taken)
            #expect(account.take(budget, now: Self.second, two) == .taken)
            #expect(account.take(budget, now: Self.second, two) == .refused(retryAfterMilliseconds: 100))
        }
        for budget in RateBudget.allCases {
            account.giveBack(budget, two)
            #expect(account.take(budget, now: Self.second, two) == .taken)
        }
    }

    @Test func threadsTakeNoTokenTwice() {
        let account = RateAccount()
        let rate = Rate(perSecond: 1, burst: 1000)
        let taken = (0..<4).map { _ in Box<Int>() }
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            var count = 0
            for _ in 0..<1000 where account.take(.sends, now: Self.second, rate) == .taken { count += 1 }
            taken[thread].put(count)
        }
        #expect(taken.reduce(0) { $0 + ($1.value ?? 0) } == 1000)
    }

    @Test func whatIsHeldStaysAndWhatIsFullGoes() {
        let accounts = RateAccounts()
        let owner = RateAccounts.Owner.user(.default, "anna")
        let held = accounts.hold(owner)
        #expect(accounts.hold(owner) === held)
        _ = held.take(.sends, now: Self.second, two)
        for user in 0..<100 { _ = accounts.take(.user(Tenant("t2"), "\(user)"), .reads, now: Self.second, two) }
        #expect(accounts.count == 101)
        let sweep = { (now: UInt64) in (0..<16).forEach { _ in accounts.sweep(now: now) } }
        sweep(Self.second)
        #expect(accounts.count == 101)
        sweep(2 * Self.second)
        #expect(accounts.count == 1)
        accounts.release(held, of: owner)
        sweep(2 * Self.second)
        #expect(accounts.count == 1)
        accounts.release(held, of: owner)
        sweep(2 * Self.second)
        #expect(accounts.count == 0)
    }

    @Test func tenantsAndScopesAreApart() {
        let accounts = RateAccounts()
        let one = Rate(perSecond: 1, burst: 1)
        let owners: [RateAccounts.Owner] = [
            .user(.default, "anna"), .user(Tenant("t2"), "anna"), .requests(.default, "anna"), .tenant(.default),
            .address("anna"), .route("anna", 0), .route("anna", 1),
        ]
        for owner in owners { #expect(accounts.take(owner, .sends, now: 1, one) == .taken) }
        for owner in owners { #expect(accounts.take(owner, .sends, now: 1, one) != .taken) }
        accounts.giveBack(owners[0], .sends, one)
        #expect(accounts.take(owners[0], .sends, now: 1, one) == .taken)
        #expect(accounts.take(owners[1], .sends, now: 1, one) != .taken)
    }
}

@Suite struct ClientRatesTests {
    private func limits(_ change: (inout RateLimits) -> Void) -> RateLimits {
        var limits = RateLimits.off
        change(&limits)
        return limits
    }

    @Test func aRefusalByOneScopeCostsTheOthersNothing() {
        let accounts = RateAccounts()
        let limits = limits {
            $0[.connection, .sends] = Rate(perSecond: 1, burst: 10)
            $0[.user, .sends] = Rate(perSecond: 1, burst: 3)
            $0[.tenant, .sends] = Rate(perSecond: 1, burst: 2)
        }
        let rates = ClientRates(Events.person("anna"), address: nil, accounts: accounts)
        let other = ClientRates(Events.person("boris"), address: nil, accounts: accounts)
        #expect(rates.take(.sends, now: 1, limits) == nil)
        #expect(rates.take(.sends, now: 1, limits) == nil)
        for _ in 0..<20 {
            #expect(rates.take(.sends, now: 1, limits)?.scope == .tenant)
            #expect(other.take(.sends, now: 1, limits)?.scope == .tenant)
        }
        // A second later the tenant has one more, which the person may take: their own token was given back.
        #expect(rates.take(.sends, now: 1_000_000_001, limits) == nil)
        #expect(rates.take(.sends, now: 1_000_000_001, limits)?.error.code == .rateLimited)
    }

    @Test func oneScopeIsEnoughToRefuse() {
        for scope in RateScope.allCases {
            let limits = limits { $0[scope, .reads] = Rate(perSecond: 2, burst: 1) }
            let rates = ClientRates(Events.person("anna"), address: "192.0.2.1", accounts: RateAccounts())
            #expect(rates.take(.reads, now: 1, limits) == nil)
            let refusal = rates.take(.reads, now: 1, limits)
            #expect(refusal == RateRefusal(scope: scope, budget: .reads, perSecond: 2, retryAfter: 500))
            #expect(rates.take(.sends, now: 1, limits) == nil)
        }
    }

    @Test func manyConnectionsOfAPersonShareOneAccount() {
        let accounts = RateAccounts()
        let limits = limits { $0[.user, .sends] = Rate(perSecond: 1, burst: 5) }
        let kept = (0..<20).filter { _ in
            ClientRates(Events.person("anna"), address: nil, accounts: accounts).take(.sends, now: 1, limits) == nil
        }
        #expect(kept.count == 5)
    }

    @Test func refusalsAreToleratedForAWhile() {
        let rates = ClientRates(nil, address: nil, accounts: RateAccounts())
        for _ in 0..<20 { #expect(rates.tolerates(now: 1, tolerated: 20)) }
        #expect(!rates.tolerates(now: 1, tolerated: 20))
        #expect(rates.tolerates(now: 500_000_001, tolerated: 20))
        #expect(!rates.tolerates(now: 500_000_001, tolerated: 20))
        #expect(!rates.tolerates(now: 500_000_001, tolerated: 0))
        #expect(!rates.isIdle(at: 500_000_001))
        #expect(rates.isIdle(at: 20_000_000_000))
    }
}
