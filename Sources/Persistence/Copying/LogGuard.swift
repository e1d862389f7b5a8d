import GRDB
import Glibc

/// Ends a long read of a running hub's database before that hub's write-ahead log grows too much: no page of the log
/// can be used again while a reader holds an older snapshot.
///
/// It looks at the file's size every 100 ms on a thread of its own and interrupts the reading connection once it is
/// over the limit.
final class LogGuard: Sendable {
    private struct State {
        var hasTripped = false
        var isOver = false
    }

    private static let interval: Int64 = 100_000_000

    private let log: String
    private let limit: Int64
    private let state: Monitor<State>

    private init(_ database: String, limit: Int64) {
        log = database + "-wal"
        self.limit = limit
        state = Monitor(State(), clock: SystemClock())
    }

    /// Runs a read under guard. Errors: a sentence where the log was too large or grew so; else those of the read.
    static func watch<Result>(
        _ queue: DatabaseQueue,
        _ database: String,
        limit: Int64,
        _ body: () throws -> Result
    ) throws -> Result {
        let watcher = LogGuard(database, limit: limit)
        guard !watcher.isTooLarge else { throw watcher.refusal }
        try StoreThread.start("apus-log-guard") { watcher.run(interrupting: queue) }
        defer { watcher.end() }
        do {
            return try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            throw watcher.hasTripped ? watcher.refusal : error
        }
    }

    private func run(interrupting queue: DatabaseQueue) {
        let started = SystemClock().now
        var looks: Int64 = 0
        while true {
            looks += 1
            let next = started + looks * LogGuard.interval
            let isOver = state.sleep { state, now in
                state.isOver ? .done(true) : now >= next ? .done(false) : .sleep(until: next)
            }
            guard !isOver else { return }
            // Again each time: between two statements there is nothing to interrupt.
            guard isTooLarge else { continue }
            state.withLock { $0.hasTripped = true }
            queue.interrupt()
        }
    }

    private func end() {
        state.withLock { $0.isOver = true }
        state.wakeAll()
    }

    private var hasTripped: Bool { state.withLock { $0.hasTripped } }

    private var isTooLarge: Bool {
        var status = stat()
        return stat(log, &status) == 0 && Int64(status.st_size) > limit
    }

    private var refusal: StoreOpenError {
        StoreOpenError(
            .locked,
            "the hub's write-ahead log has grown over \(limit >> 20) MiB, which reading the database holds up; try "
                + "again when less is written, or allow more with --wal-limit"
        )
    }
}
