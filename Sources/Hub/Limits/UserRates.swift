/// The send limit of people who come without a connection, over HTTP: one bucket a person and loop.
///
/// Only people who sent lately are remembered; a bucket that is full again says nothing and is dropped.
/// Pure; times are nanoseconds of the loop's clock.
struct UserRates {
    private struct Person: Hashable {
        var tenant: Tenant
        var user: String
    }

    private var buckets: [Person: TokenBucket] = [:]

    /// How many people are remembered.
    var count: Int { buckets.count }

    /// Takes one token of the person's bucket.
    mutating func take(_ principal: Principal, now: UInt64, rate: Int, burst: Int) -> TokenBucket.OnTake {
        let person = Person(tenant: principal.tenant, user: principal.user)
        return buckets[person, default: TokenBucket()].take(now: now, rate: rate, burst: burst)
    }

    /// Forgets everybody whose bucket is full again.
    mutating func forgetFull(now: UInt64) {
        buckets = buckets.filter { !$0.value.isFull(at: now) }
    }
}
