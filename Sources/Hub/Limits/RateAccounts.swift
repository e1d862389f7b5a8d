import Synchronization

/// The accounts of everybody who is limited, over all loops, by whose they are.
///
/// A connection takes its accounts once and holds them; a request over HTTP asks each time. An account that nobody holds
/// and that is full again says nothing and goes: the table is never larger than about twice what is in use, and what was
/// in use at a peak goes within a minute. Isolation: any thread; one short lock of one of 16 drawers a look-up.
public final class RateAccounts: Sendable {
    /// Whose account.
    enum Owner: Hashable, Sendable {
        case user(Tenant, String)
        /// A person's requests over HTTP, which have no connection to be counted by.
        case requests(Tenant, String)
        case tenant(Tenant)
        case address(String)
        /// Requests of an address to a kind of route.
        case route(String, UInt8)
    }

    private final class Drawer: Sendable {
        let accounts = Mutex<[Owner: RateAccount]>([:])
    }

    private let drawers = (0..<16).map { _ in Drawer() }
    private let nextSwept = Atomic<Int>(0)

    init() {}

    /// How many accounts there are.
    var count: Int {
        drawers.reduce(0) { sum, drawer in sum + drawer.accounts.withLock { $0.count } }
    }

    /// The account, made where there is none, and held until `release`.
    func hold(_ owner: Owner) -> RateAccount {
        drawer(owner).accounts.withLock { accounts in
            let account = accounts[owner] ?? RateAccount()
            accounts[owner] = account
            account.holders.wrappingAdd(1, ordering: .relaxed)
            return account
        }
    }

    /// The holder has gone.
    func release(_ account: RateAccount, of owner: Owner) {
        drawer(owner).accounts.withLock { _ in
            _ = account.holders.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Takes one token of an account that is not held.
    func take(_ owner: Owner, _ budget: RateBudget, now: UInt64, _ rate: Rate) -> TokenBucket.OnTake {
        drawer(owner).accounts.withLock { accounts in
            let account = accounts[owner] ?? RateAccount()
            accounts[owner] = account
            return account.take(budget, now: now, rate)
        }
    }

    /// Gives a token back.
    func giveBack(_ owner: Owner, _ budget: RateBudget, _ rate: Rate) {
        drawer(owner).accounts.withLock { $0[owner]?.giveBack(budget, rate) }
    }

    /// Forgets accounts that say nothing, in the next drawer: called once a second, so that a lock is held for a
    /// sixteenth of them.
    func sweep(now: UInt64) {
        let index = nextSwept.wrappingAdd(1, ordering: .relaxed).newValue
        drawers[index & 15].accounts.withLock { accounts in
            accounts = accounts.filter { $0.value.holders.load(ordering: .relaxed) > 0 || !$0.value.isFull(at: now) }
        }
    }

    private func drawer(_ owner: Owner) -> Drawer {
        drawers[owner.hashValue & 15]
    }
}
