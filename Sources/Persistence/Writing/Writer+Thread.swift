import GRDB
import HubCore
import Logging

/// The thread's loop: wait for a batch, commit it until it is committed, tell the observer.
extension Writer {
    private enum Job {
        case commit(PendingWrites.Batch)
        case announce
        case retryAside
        case rest
        case end
    }

    func run() {
        var state = WriterState(pool, epochs, configuration, clock)
        var job = next(state)
        loop: while true {
            switch job {
            case .commit(let batch):
                guard commit(batch, &state) else { break loop }
            case .announce:
                break
            case .retryAside:
                retryAside(&state)
            case .rest:
                rest(&state)
            case .end:
                close(&state)
                break loop
            }
            announce(&state)
            job = next(state)
        }
        queue.withLock { queue in
            queue.hasEnded = true
            queue.observer = nil
        }
        queue.wakeAll()
    }

    private func next(_ state: WriterState) -> Job {
        queue.sleep { queue, now in
            queue.isSleeping = false
            if let aside = state.asideDue, aside <= now, !queue.pending.isClosing { return .done(.retryAside) }
            if let due = queue.pending.batchDue, due <= now, let batch = queue.pending.takeBatch() {
                return .done(.commit(batch))
            }
            // Anew: all that was due may have been set aside.
            let due = queue.pending.batchDue
            if due == nil, queue.pending.isClosing { return .done(.end) }
            if !queue.pending.isClosing, !condition.isSame(as: state.announced) { return .done(.announce) }
            if due == nil, let rest = state.restDue, rest <= now { return .done(.rest) }
            queue.isSleeping = true
            return .sleep(until: [due ?? state.restDue, state.asideDue].compactMap(\.self).min())
        }
    }

    /// Writes a batch, again and again until it is written or set aside; false where a closing store has given up.
    private func commit(_ batch: PendingWrites.Batch, _ state: inout WriterState) -> Bool {
        var batch = batch
        var backoff = Backoff.commits
        while true {
            let began = clock.now
            do {
                let outcome = try pool.writeWithoutTransaction { db in
                    try state.group.write(batch.parts, db, clock: clock)
                }
                let took = clock.now - began
                finished(batch, outcome, took: took)
                if backoff.failures > 0 {
                    logger.notice("the store writes again", metadata: [LogKey.attempts: "\(backoff.failures + 1)"])
                }
                state.committed(now: clock.now)
                checkpoint(&state, atRest: false)
                return true
            } catch let fault as RoomFault {
                guard let rest = setAside(fault, &state) else { return true }
                batch = rest
            } catch {
                let again = clock.now + backoff.failed().wholeNanoseconds
                failed(error, attempt: backoff.failures)
                announce(&state)
                guard waited(until: again) else {
                    closedTooSoon(queue.withLock { $0.pending.lagWrites })
                    return false
                }
            }
        }
    }

    private func finished(_ batch: PendingWrites.Batch, _ outcome: GroupCommit.Outcome, took: Int64) {
        queue.withLock { queue in
            queue.pending.committed(took: took)
            conditionCell.value = queue.pending.condition(now: clock.now)
        }
        tell(outcome, of: batch.count, took: took)
    }

    /// Counts a commit of so many writes and tells the observer.
    func tell(_ outcome: GroupCommit.Outcome, of count: Int, took: Int64) {
        statistics.count { metrics in
            metrics.commits += 1
            metrics.committedReads += UInt64(outcome.commit.reads.count)
            metrics.committedEvents += UInt64(outcome.events)
            metrics.batchSizes.count(Int64(count))
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
        if attempt == 1 {
            logger.error("the store cannot write and tries again until it can", metadata: metadata)
        } else {
            logger.debug("the store still cannot write", metadata: metadata)
        }
    }

    func closedTooSoon(_ unwritten: Int) {
        logger.critical(
            "the store was closed before everything accepted could be written",
            metadata: [LogKey.writes: "\(unwritten)"]
        )
    }

    /// Waits before another attempt; false where a closing store has no time left for one.
    private func waited(until: Int64) -> Bool {
        queue.sleep { queue, now in
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
}
