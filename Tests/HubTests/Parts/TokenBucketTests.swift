import Testing

@testable import HubCore

@Suite struct TokenBucketTests {
    static let second: UInt64 = 1_000_000_000

    @Test func aBurstThenTheRate() {
        var bucket = TokenBucket()
        var now = 50 * Self.second
        for _ in 0..<5 { #expect(bucket.take(now: now, rate: 10, burst: 5) == .taken) }
        #expect(bucket.take(now: now, rate: 10, burst: 5) == .refused(retryAfterMilliseconds: 100))
        now += Self.second / 20
        #expect(bucket.take(now: now, rate: 10, burst: 5) == .refused(retryAfterMilliseconds: 50))
        now += Self.second / 20
        #expect(bucket.take(now: now, rate: 10, burst: 5) == .taken)
        #expect(bucket.take(now: now, rate: 10, burst: 5) == .refused(retryAfterMilliseconds: 100))
    }

    @Test func refusalsCostNothing() {
        var bucket = TokenBucket()
        #expect(bucket.take(now: 1, rate: 1, burst: 1) == .taken)
        for _ in 0..<1000 { #expect(bucket.take(now: 1, rate: 1, burst: 1) != .taken) }
        #expect(bucket.take(now: 1 + Self.second, rate: 1, burst: 1) == .taken)
    }

    @Test func aLongPauseFillsItAndNoMore() {
        var bucket = TokenBucket()
        for _ in 0..<3 { _ = bucket.take(now: 1, rate: 10, burst: 3) }
        let later = 3600 * Self.second
        for _ in 0..<3 { #expect(bucket.take(now: later, rate: 10, burst: 3) == .taken) }
        #expect(bucket.take(now: later, rate: 10, burst: 3) != .taken)
    }

    @Test func retryAfterIsRoundedUp() {
        var bucket = TokenBucket()
        _ = bucket.take(now: 1, rate: 3, burst: 1)
        #expect(bucket.take(now: 1, rate: 3, burst: 1) == .refused(retryAfterMilliseconds: 334))
    }
}
