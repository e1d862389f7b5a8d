import GRDB
import HubCore
import Logging

/// The thread that writes: takes batches from the pending writes, commits them, tells the observer, and looks
/// after the write-ahead log and retention when there is nothing to write.
///
/// The queue's lock is never held while the disk or the observer is called. Only this thread uses the pool's
/// writer connection after the opening.
final class Writer: Sendable {
    /// What the lock guards.
    struct Queue {
        var pending: PendingWrites
        var observer: (any StoreObserver)?
        var isSleeping = false
        var hasEnded = false
        /// When a closing store gives up on a disk that does not take its writes.
        var giveUpAt: Int64?
    }

    let queue: Monitor<Queue>
    let pool: DatabasePool
    let epochs: EpochList
    let configuration: StoreConfiguration
    let clock: any StoreClock
    let statistics: StoreStatistics
    let faulty: FaultyRooms
    let conditionCell = ConditionCell(.ready)
    var logger: Logger { configuration.logger }

    init(
        _ opened: DatabaseOpening.Opened,
        _ configuration: StoreConfiguration,
        _ clock: any StoreClock,
        _ statistics: StoreStatistics,
        _ faulty: FaultyRooms
    ) {
        self.faulty = faulty
        pool = opened.pool
        epochs = opened.epochs
        self.configuration = configuration
        self.clock = clock
        self.statistics = statistics
        queue = Monitor(Queue(pending: PendingWrites(PendingWrites.Limits(configuration))), clock: clock)
    }

    /// Starts the thread.
    func start() throws(ThreadFailure) {
        do {
            try StoreThread.start("apus-writer") { [self] in run() }
        } catch {
            queue.withLock { $0.hasEnded = true }
            throw error
        }
    }

    /// One atomic read.
    var condition: StoreCondition { conditionCell.value }

    var observer: (any StoreObserver)? { queue.withLock { $0.observer } }

    func observe(_ observer: any StoreObserver) {
        queue.withLock { $0.observer = observer }
    }

    /// Takes writes; any thread. Wakes the writer only where it sleeps and there is reason to.
    func write(_ writes: [StoreWrite]) {
        let bytes = PendingWrites.size(of: writes)
        let now = clock.now
        let (wakes, isLate) = queue.withLock { queue -> (Bool, Bool) in
            let wasEmpty = queue.pending.queued == 0
            queue.pending.append(writes, bytes: bytes, now: now)
            let condition = queue.pending.condition(now: now)
            let isNews = !condition.isSame(as: conditionCell.value)
            conditionCell.value = condition
            let isReason = wasEmpty || isNews || queue.pending.hasFullBatch
            guard queue.isSleeping, isReason else { return (false, queue.hasEnded) }
            queue.isSleeping = false
            return (true, queue.hasEnded)
        }
        if wakes { queue.wakeAll() }
        if isLate, !writes.isEmpty {
            logger.error("writes came after the store was closed", metadata: [LogKey.writes: "\(writes.count)"])
        }
    }

    /// The lag, and the condition that follows from it at this moment.
    func fill(_ metrics: inout StoreMetrics) {
        let now = clock.now
        queue.withLock { queue in
            conditionCell.value = queue.pending.condition(now: now)
            metrics.lagWrites = queue.pending.lagWrites
            metrics.lagBytes = queue.pending.lagBytes
            metrics.lagTime = .nanoseconds(queue.pending.lagTime(now: now))
        }
        metrics.condition = condition
    }

    /// Writes what is queued, empties the log and ends the thread. Returns how many writes could not be written
    /// in time; 0 means that everything accepted is on disk. A writer that gives up is awaited until `last`.
    func close(giveUpAt: Int64, last: Int64) -> Int {
        queue.withLock { queue in
            queue.pending.isClosing = true
            queue.giveUpAt = giveUpAt
            conditionCell.value = .unavailable
        }
        queue.wakeAll()
        return queue.sleep { queue, now in
            if queue.hasEnded || now >= last { return .done(queue.pending.lagWrites) }
            return .sleep(until: last)
        }
    }

    /// Whether the thread has ended, so that nobody uses the connection any more.
    var hasEnded: Bool { queue.withLock { $0.hasEnded } }
}
