import HubCore
import Synchronization

/// What the store did and how it is doing, at one moment.
public struct StoreMetrics: Sendable {
    /// Whether sends may be accepted.
    public var condition: StoreCondition = .ready
    /// Rooms that can't be read.
    public var unreadableRooms = 0
    /// Rooms that can't be written and whose writes are set aside.
    public var unwritableRooms = 0
    /// Writes accepted and not committed.
    public var lagWrites = 0
    /// What they take in memory, bytes.
    public var lagBytes = 0
    /// How long the oldest of them has waited; those set aside do not count.
    public var lagTime: Duration = .zero

    /// Group commits.
    public var commits: UInt64 = 0
    /// Events in them.
    public var committedEvents: UInt64 = 0
    /// Read marks in them.
    public var committedReads: UInt64 = 0
    /// Commits that failed and were tried again.
    public var commitFailures: UInt64 = 0
    /// Writes a commit, in powers of two.
    public var batchSizes = PowerHistogram()
    /// Microseconds a commit took from its BEGIN, in powers of two.
    public var commitMicroseconds = PowerHistogram()
    /// How long the last COMMIT took: writing the log and, with `full`, waiting for the disk.
    public var lastSync: Duration = .zero

    /// What the writer's connection answered when asked how it syncs: 1 NORMAL, 2 FULL.
    public var synchronous = 0
    /// Size of the write-ahead log's file, bytes.
    public var walBytes: Int64 = 0
    /// Size of the database's file, bytes.
    public var databaseBytes: Int64 = 0
    /// Checkpoints that an error ended.
    public var checkpointFailures: UInt64 = 0
    /// Events that retention took away.
    public var expiredEvents: UInt64 = 0

    /// Reads answered.
    public var reads: UInt64 = 0
    /// Reads that were answered with a fault.
    public var readFaults: UInt64 = 0
    /// Reads that wait for a thread.
    public var readsWaiting = 0
    /// Microseconds a read took on its thread, in powers of two.
    public var readMicroseconds = PowerHistogram()

    /// Nothing happened yet.
    public init() {}
}

/// Counts values by power of two: bucket 0 counts 0 and 1, bucket n values from 2^(n-1)+1 to 2^n, the last one
/// everything above.
public struct PowerHistogram: Sendable, Hashable {
    /// How many values fell in each bucket: 25 of them, up to 2^24 and above.
    public private(set) var buckets = [UInt64](repeating: 0, count: 26)
    /// Values counted.
    public private(set) var count: UInt64 = 0
    /// Their sum.
    public private(set) var sum: UInt64 = 0

    /// Nothing counted.
    public init() {}

    /// The largest value of a bucket; nil for the last, which has none.
    public func upperBound(of bucket: Int) -> UInt64? {
        bucket < buckets.count - 1 ? 1 << UInt64(max(bucket, 0)) : nil
    }

    /// Counts a value; negative ones count as 0.
    public mutating func count(_ value: Int64) {
        let value = UInt64(max(value, 0))
        let bucket = value <= 1 ? 0 : 64 - (value - 1).leadingZeroBitCount
        buckets[min(bucket, buckets.count - 1)] += 1
        count += 1
        sum &+= value
    }
}

/// The counters behind `StoreMetrics`, fed by the store's threads.
final class StoreStatistics: Sendable {
    private let metrics = Mutex(StoreMetrics())

    /// Changes counters.
    func count(_ body: (inout StoreMetrics) -> Void) {
        metrics.withLock { body(&$0) }
    }

    /// The counters as they are.
    var snapshot: StoreMetrics { metrics.withLock { $0 } }
}
