import Testing

@testable import HubCore

@Suite struct UserRatesTests {
    private func person(_ user: String, tenant: String = "t1") -> Principal {
        Principal(
            tenant: Tenant(tenant),
            user: user,
            name: user,
            roles: .user,
            rooms: [],
            expires: 0,
            tokenID: nil
        )
    }

    @Test func everyPersonHasABucketOfTheirOwn() {
        var rates = UserRates()
        #expect(rates.take(person("anna"), now: 0, rate: 10, burst: 1) == .taken)
        #expect(rates.take(person("anna"), now: 0, rate: 10, burst: 1) == .refused(retryAfterMilliseconds: 100))
        #expect(rates.take(person("boris"), now: 0, rate: 10, burst: 1) == .taken)
        #expect(rates.take(person("anna", tenant: "t2"), now: 0, rate: 10, burst: 1) == .taken)
    }

    @Test func whoHasNotSentForAWhileIsForgotten() {
        var rates = UserRates()
        _ = rates.take(person("anna"), now: 0, rate: 10, burst: 5)
        _ = rates.take(person("boris"), now: 50_000_000, rate: 10, burst: 5)
        rates.forgetFull(now: 100_000_000)
        #expect(rates.count == 1)
        rates.forgetFull(now: 150_000_000)
        #expect(rates.count == 0)
    }
}
