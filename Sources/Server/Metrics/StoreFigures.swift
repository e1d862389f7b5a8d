/// What the store says about itself, in the form that the metrics page wants. The executable fills it in: this
/// module does not know the store's own type.
public struct StoreFigures: Sendable {
    /// A histogram in whole units: `counts[i]` observations of at most `bounds[i]`, one more count for those above.
    public struct Histogram: Sendable {
        /// Upper bounds, ascending.
        public var bounds: [Double]
        /// Observations by bucket.
        public var counts: [UInt64]
        /// Sum of all observations.
        public var sum: Double

        /// A histogram.
        public init(bounds: [Double] = [], counts: [UInt64] = [0], sum: Double = 0) {
            self.bounds = bounds
            self.counts = counts
            self.sum = sum
        }
    }

    /// Rooms that can't be read.
    public var unreadableRooms = 0
    /// Rooms that can't be written.
    public var unwritableRooms = 0
    /// Writes accepted and not committed.
    public var lagEvents = 0
    /// Their bytes.
    public var lagBytes = 0
    /// Age of the oldest, in seconds.
    public var lagSeconds = 0.0
    /// Group commits.
    public var commits: UInt64 = 0
    /// Events in them.
    public var committedEvents: UInt64 = 0
    /// Read marks in them.
    public var committedReads: UInt64 = 0
    /// Commits tried again.
    public var commitFailures: UInt64 = 0
    /// Writes a commit.
    public var batchSizes = Histogram()
    /// Seconds a commit took.
    public var commitSeconds = Histogram()
    /// Whether every commit is fsynced, as read back from the writer's connection.
    public var isSynchronousFull = false
    /// Size of the write-ahead log.
    public var walBytes: Int64 = 0
    /// Size of the database.
    public var databaseBytes: Int64 = 0
    /// Checkpoints that failed.
    public var checkpointFailures: UInt64 = 0
    /// Events that retention took away.
    public var expiredEvents: UInt64 = 0
    /// Reads answered.
    public var reads: UInt64 = 0
    /// Reads answered with a fault.
    public var readFaults: UInt64 = 0
    /// Reads that wait for a thread.
    public var readsWaiting = 0
    /// Seconds a read took.
    public var readSeconds = Histogram()

    /// All zero.
    public init() {}
}
