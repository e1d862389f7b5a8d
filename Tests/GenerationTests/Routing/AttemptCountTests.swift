import HubCore
import Testing

@testable import Generation

struct AttemptCountTests {
    @Test("what all attempts took is added up, estimates where a provider did not count")
    func sum() {
        var count = AttemptCount()
        count.began(price: Price(input: 1_000, output: 2_000), prompt: 40)
        count.got(pieces: 3)
        #expect((count.sum.tokensIn, count.sum.tokensOut) == (40, 3))
        #expect(count.sum.costMicros == 46_000)
        let first = count.ended(reached: true)
        #expect((first.input, first.output) == (40, 3))
        count.began(price: Price(input: 1_000, output: 2_000), prompt: 40)
        count.got(pieces: 7)
        count.got(TokenUsage(input: 9))
        count.got(TokenUsage(output: 12))
        #expect((count.sum.tokensIn, count.sum.tokensOut) == (49, 15))
        _ = count.ended(reached: true)
        #expect((count.sum.tokensIn, count.sum.tokensOut) == (49, 15))
        #expect(count.sum.costMicros == 79_000)
    }

    @Test("a request that was not taken on took nothing")
    func unreached() {
        var count = AttemptCount()
        count.began(price: Price(input: 1_000, output: 1_000), prompt: 40)
        let took = count.ended(reached: false)
        #expect((took.input, took.output) == (0, 0))
        #expect(count.sum.tokensIn == 0)
    }

    @Test("a provider's own price goes before the table, and currencies are not mixed")
    func cost() {
        var count = AttemptCount()
        count.began(price: nil, prompt: 1)
        #expect(count.sum.costMicros == nil)
        count.got(TokenUsage(input: 1, output: 1, cost: 0.00014))
        #expect(count.sum.costMicros == 140)
        _ = count.ended(reached: true)
        count.began(price: Price(input: 1e6, output: 0, currency: "RUB"), prompt: 1)
        _ = count.ended(reached: true)
        #expect(count.sum.costMicros == 140)
        #expect(count.sum.currency == "USD")
    }
}
