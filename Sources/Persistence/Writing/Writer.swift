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

    private let queue: Monitor<Queue>
    private let pool: DatabasePool
    private let epochs: EpochList
    private let configuration: StoreConfiguration
    private let clock: any StoreClock
    private let statistics: StoreStatistics
    private let conditionCell = ConditionCell(.ready)
    private var logger: Logger { configuration.logger }

    init(
        _ opened: DatabaseOpening.Opened,
        _ configuration: StoreConfiguration,
        _ clock: any StoreClock,
        _ statistics: StoreStatistics
    ) {
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
            conditionCell.value = queue.pending.condition(now: now)
            guard queue.isSleeping, wasEmpty || queue.pending.hasFullBatch else { return (false, queue.hasEnded) }
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
    /// in time; 0 means that everything accepted is on disk.
    func close(giveUpAt: Int64) -> Int {
        queue.withLock { queue in
            queue.pending.isClosing = true
            queue.giveUpAt = giveUpAt
            conditionCell.value = .unavailable
        }
        queue.wakeAll()
        return queue.sleep { queue, now in
            if queue.hasEnded || now >= giveUpAt { return .done(queue.pending.lagWrites) }
            return .sleep(until: giveUpAt)
        }
    }

    /// Whether the thread has ended, so that nobody uses the connection any more.
    var hasEnded: Bool { queue.withLock { $0.hasEnded } }

    // MARK: The thread

    private enum Task {
        case commit(PendingWrites.Batch)
        case rest
        case end
    }

    private func run() {
        var state = WriterState(pool, epochs, configuration, clock)
        var task = next(state)
        loop: while true {
            switch task {
            case .commit(let batch):
                guard commit(batch, &state) else { break loop }
            case .rest:
                rest(&state)
            case .end:
                close(&state)
                break loop
            }
            announce(&state)
            task = next(state)
        }
        queue.withLock { queue in
            queue.hasEnded = true
            queue.observer = nil
        }
        queue.wakeAll()
    }

    private func next(_ state: WriterState) -> Task {
        queue.sleep { queue, now in
            queue.isSleeping = false
            let due = queue.pending.batchDue
            if let due, due <= now, let batch = queue.pending.takeBatch() { return .done(.commit(batch)) }
            if due == nil, queue.pending.isClosing { return .done(.end) }
            if due == nil, let rest = state.restDue, rest <= now { return .done(.rest) }
            queue.isSleeping = true
            return .sleep(until: due ?? state.restDue)
        }
    }

    /// Writes a batch, again and again until it is written; false where a closing store has given up.
    private func commit(_ batch: PendingWrites.Batch, _ state: inout WriterState) -> Bool {
        var backoff = Backoff()
        while true {
            let began = clock.now
            do {
                let outcome = try pool.writeWithoutTransaction { db in
                    try state.group.write(batch.writes, db, clock: clock)
                }
                let took = clock.now - began
                finished(batch, outcome, took: took)
                if backoff.failures > 0 {
                    logger.notice("the store writes again", metadata: [LogKey.attempts: "\(backoff.failures + 1)"])
                }
                state.committed(now: clock.now)
                checkpoint(&state, atRest: false)
                return true
            } catch {
                let wait = backoff.failed()
                failed(error, attempt: backoff.failures)
                announce(&state)
                guard waited(wait) else {
                    logger.critical(
                        "the store was closed before everything accepted could be written",
                        metadata: [LogKey.writes: "\(queue.withLock { $0.pending.lagWrites })"]
                    )
                    return false
                }
            }
        }
    }

    private func finished(_ batch: PendingWrites.Batch, _ outcome: GroupCommit.Outcome, took: Int64) {
        let observer = queue.withLock { queue in
            queue.pending.committed(took: took)
            conditionCell.value = queue.pending.condition(now: clock.now)
            return queue.observer
        }
        statistics.count { metrics in
            metrics.commits += 1
            metrics.committedReads += UInt64(outcome.commit.reads.count)
            metrics.committedEvents += UInt64(batch.writes.count - outcome.commit.reads.count)
            metrics.batchSizes.count(Int64(batch.writes.count))
            metrics.commitMicroseconds.count(took / 1000)
            metrics.lastSync = .nanoseconds(outcome.sync)
        }
        observer?.committed(outcome.commit)
    }

    private func failed(_ error: any Error, attempt: Int) {
        queue.withLock { queue in
            queue.pending.failed()
            conditionCell.value = queue.pending.condition(now: clock.now)
        }
        statistics.count { $0.commitFailures += 1 }
        let metadata: Logger.Metadata = [
            LogKey.error: "\(DiskFault.said(error))", LogKey.attempts: "\(attempt)",
        ]
        if case .broken = DiskFault(error) {
            // An error of the hub: it does not pass by itself, so every attempt says so.
            logger.critical("the store refuses a batch that breaks its rules", metadata: metadata)
        } else if attempt == 1 {
            logger.error("the store cannot write and tries again until it can", metadata: metadata)
        } else {
            logger.debug("the store still cannot write", metadata: metadata)
        }
    }

    /// Waits before another attempt; false where a closing store has no time left for one.
    private func waited(_ wait: Duration) -> Bool {
        let until = clock.now + wait.wholeNanoseconds
        return queue.sleep { queue, now in
            if let giveUpAt = queue.giveUpAt, now >= giveUpAt { return .done(false) }
            if now >= until { return .done(true) }
            return .sleep(until: min(until, queue.giveUpAt ?? until))
        }
    }

    private func announce(_ state: inout WriterState) {
        let condition = condition
        guard !condition.isSame(as: state.announced) else { return }
        state.announced = condition
        let (observer, isClosing) = queue.withLock { ($0.observer, $0.pending.isClosing) }
        guard !isClosing else { return }
        observer?.conditionChanged(condition)
        logger.notice("the store's condition changed", metadata: [LogKey.condition: "\(condition)"])
    }

    // MARK: At rest

    private func rest(_ state: inout WriterState) {
        if state.isCheckpointDue(now: clock.now) {
            checkpoint(&state, atRest: true)
            state.rested(now: clock.now)
        }
        guard state.isSweepDue(now: clock.now) else { return }
        do {
            let bite = try pool.writeWithoutTransaction { db in
                try state.sweep.bite(db, now: clock.wallMilliseconds)
            }
            statistics.count { $0.expiredEvents += UInt64(bite.events) }
            state.swept(bite, now: clock.now)
        } catch {
            logger.warning("retention could not go on", metadata: [LogKey.error: "\(DiskFault.said(error))"])
            state.sweepFailed(now: clock.now)
        }
    }

    private func checkpoint(_ state: inout WriterState, atRest: Bool) {
        let now = clock.now
        let error = pool.writeWithoutTransaction { state.checkpoints.run($0, atRest: atRest, now: now) }
        guard let error else { return }
        statistics.count { $0.checkpointFailures += 1 }
        logger.warning(
            "the write-ahead log could not be copied into the database",
            metadata: [LogKey.error: "\(DiskFault.said(error))", LogKey.pages: "\(state.checkpoints.pages)"]
        )
    }

    private func close(_ state: inout WriterState) {
        do {
            try pool.writeWithoutTransaction { try state.checkpoints.close($0) }
        } catch {
            logger.warning(
                "the write-ahead log stays for the next start",
                metadata: [LogKey.error: "\(DiskFault.said(error))"]
            )
        }
    }
}
