/// A rate limit: so many a second, with a burst. Times are nanoseconds of one monotonic clock.
///
/// Kept as the instant at which the bucket will be full again, so it needs eight bytes and no timer.
public struct TokenBucket: Sendable {
    /// When it will be full again.
    private(set) var fullAt: UInt64 = 0

    /// A full bucket.
    public init() {}

    /// A bucket that will be full then.
    init(fullAt: UInt64) {
        self.fullAt = fullAt
    }

    /// How long a token takes to come back; `rate` is more than 0.
    static func interval(of rate: Int) -> UInt64 { 1_000_000_000 / UInt64(rate) }

    /// Takes one token, or says after how many milliseconds there will be one.
    ///
    /// `rate` is tokens a second, more than 0; `burst` is how many a full bucket holds, more than 0.
    public mutating func take(now: UInt64, rate: Int, burst: Int) -> OnTake {
        let interval = TokenBucket.interval(of: rate)
        let capacity = interval &* UInt64(burst)
        let from = max(fullAt, now)
        let owed = from - now + interval
        guard owed <= capacity else {
            return .refused(retryAfterMilliseconds: Int((owed - capacity + 999_999) / 1_000_000))
        }
        fullAt = from + interval
        return .taken
    }

    /// Gives back a token that was taken for nothing.
    mutating func giveBack(rate: Int) {
        fullAt -= min(fullAt, TokenBucket.interval(of: rate))
    }

    /// Whether nothing has been taken that has not come back.
    public func isFull(at now: UInt64) -> Bool {
        fullAt <= now
    }

    /// What came of asking for a token.
    public enum OnTake: Sendable, Equatable {
        /// There was one.
        case taken
        /// There will be one after this many milliseconds (at least 1).
        case refused(retryAfterMilliseconds: Int)
    }
}
