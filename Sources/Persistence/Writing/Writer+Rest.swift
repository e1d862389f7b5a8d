import GRDB
import HubCore
import Logging

/// What the thread does when there is nothing to write: checkpoints, retention, and the end.
extension Writer {
    func rest(_ state: inout WriterState) {
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
            if let trimmed = bite.trimmed { observer?.trimmed(trimmed.room, firstKept: trimmed.firstKept) }
            state.swept(bite, now: clock.now)
        } catch {
            logger.warning("retention could not go on", metadata: [LogKey.error: "\(DiskFault.said(error))"])
            state.sweepFailed(error, now: clock.now)
        }
    }

    func checkpoint(_ state: inout WriterState, atRest: Bool) {
        let now = clock.now
        let error = pool.writeWithoutTransaction { state.checkpoints.run($0, atRest: atRest, now: now) }
        guard let error else { return }
        statistics.count { $0.checkpointFailures += 1 }
        logger.warning(
            "the write-ahead log could not be copied into the database",
            metadata: [LogKey.error: "\(DiskFault.said(error))", LogKey.pages: "\(state.checkpoints.pages)"]
        )
    }

    func close(_ state: inout WriterState) {
        retryAside(&state)
        let unwritten = queue.withLock { $0.pending.lagWrites }
        if unwritten > 0 { closedTooSoon(unwritten) }
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
