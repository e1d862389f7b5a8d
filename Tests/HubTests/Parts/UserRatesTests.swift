import Testing

@testable import HubCore

@Suite struct UserRatesTests {
    @Test func everyPersonHasABucket() {
        var rates = UserRates()
        let anna = Events.person("anna")
        #expect(rates.take(anna, now: 1, rate: 10, burst: 1) == .taken)
        #expect(rates.take(anna, now: 1, rate: 10, burst: 1) == .refused(retryAfterMilliseconds: 100))
        #expect(rates.take(Events.person("boris"), now: 1, rate: 10, burst: 1) == .taken)
        let namesake = Principal(
            tenant: Tenant("t2"),
            user: "anna",
            name: "anna",
            roles: .user,
            rooms: [],
            expires: .max,
            tokenID: nil
        )
        #expect(rates.take(namesake, now: 1, rate: 10, burst: 1) == .taken)
        #expect(rates.count == 3)
    }

    @Test func whoseBucketIsFullAgainIsForgotten() {
        var rates = UserRates()
        _ = rates.take(Events.person("anna"), now: 1, rate: 10, burst: 5)
        _ = rates.take(Events.person("boris"), now: 60_000_000, rate: 10, burst: 5)
        rates.forgetFull(now: 110_000_000)
        #expect(rates.count == 1)
        rates.forgetFull(now: 170_000_000)
        #expect(rates.count == 0)
    }
}
