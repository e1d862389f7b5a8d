import Synchronization

/// The buckets of a person, a tenant or an address: one for each budget, shared by all loops.
///
/// Each bucket is one atomic word (`TokenBucket`'s), so a command that many loops count at once costs a
/// compare-and-exchange and no lock. Isolation: any thread. Times are ns of the one monotonic clock.
final class RateAccount: Sendable {
    private let commands = Atomic<UInt64>(0)
    private let sends = Atomic<UInt64>(0)
    private let signals = Atomic<UInt64>(0)
    private let reads = Atomic<UInt64>(0)
    /// Who holds it beside the table; changed only with the table's lock held.
    let holders = Atomic<Int>(0)

    init() {}

    /// Takes one token, or says when there will be one.
    func take(_ budget: RateBudget, now: UInt64, _ rate: Rate) -> TokenBucket.OnTake {
        switch budget {
        case .commands: RateAccount.take(commands, now, rate)
        case .sends: RateAccount.take(sends, now, rate)
        case .signals: RateAccount.take(signals, now, rate)
        case .reads: RateAccount.take(reads, now, rate)
        }
    }

    /// Gives a token back that was taken for something another limit then refused.
    func giveBack(_ budget: RateBudget, _ rate: Rate) {
        let interval = TokenBucket.interval(of: rate.perSecond)
        switch budget {
        case .commands: commands.wrappingSubtract(interval, ordering: .relaxed)
        case .sends: sends.wrappingSubtract(interval, ordering: .relaxed)
        case .signals: signals.wrappingSubtract(interval, ordering: .relaxed)
        case .reads: reads.wrappingSubtract(interval, ordering: .relaxed)
        }
    }

    /// Whether it says nothing: all that was taken has come back.
    func isFull(at now: UInt64) -> Bool {
        commands.load(ordering: .relaxed) <= now && sends.load(ordering: .relaxed) <= now
            && signals.load(ordering: .relaxed) <= now && reads.load(ordering: .relaxed) <= now
    }

    private static func take(_ cell: borrowing Atomic<UInt64>, _ now: UInt64, _ rate: Rate) -> TokenBucket.OnTake {
        var seen = cell.load(ordering: .relaxed)
        while true {
            var bucket = TokenBucket(fullAt: seen)
            let outcome = bucket.take(now: now, rate: rate.perSecond, burst: rate.burst)
            guard outcome == .taken else { return outcome }
            let (exchanged, original) = cell.weakCompareExchange(
                expected: seen,
                desired: bucket.fullAt,
                ordering: .relaxed
            )
            if exchanged { return .taken }
            seen = original
        }
    }
}
