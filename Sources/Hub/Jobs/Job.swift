import DequeModule
import HubProtocol
import Reactor

/// A job that has not ended, on the board.
///
/// Its record is what is on disk: a change becomes visible here when its event is durable, and while one is on its
/// way (`isSettling`) whatever else is asked of the job waits in order. So nothing is ever answered from a state that
/// a crash could take back.
///
/// Isolation: confined to the board's loop.
final class Job {
    unowned let board: JobBoard
    var record: JobRecord
    var isSettling = false
    /// What waits for a change to become durable.
    var waiting: Deque<() -> Void> = []

    /// When the lease ends, while a worker has the job.
    var leaseEnd: MonotonicInstant?
    /// Where the worker was heard last.
    var connection: ConnectionID?
    var timers: [Tag: TimerHandle] = [:]

    /// Numbers of progress: only the latest, and when they were shown last.
    var numbers = JobNumbers()
    var shown: MonotonicInstant?

    enum Tag: UInt32 {
        /// The wait before the next attempt is over.
        case ready
        /// The worker has been silent for too long.
        case lease
        /// The attempt has taken too long.
        case limit
        /// Numbers may be shown again.
        case numbers
    }

    /// The most commands that may wait for a change to become durable.
    static let longestWait = 256

    init(_ record: JobRecord, on board: JobBoard) {
        self.record = record
        self.board = board
    }

    var tenant: Tenant { record.tenant }

    /// Runs `body` now, or when what is on its way has settled.
    func whenSettled(_ body: @escaping () -> Void) {
        if isSettling || !waiting.isEmpty {
            waiting.append(body)
        } else {
            body()
        }
    }

    /// A change has settled: what waited goes on, until the next change.
    func settled() {
        isSettling = false
        while !isSettling, let next = waiting.popFirst() { next() }
    }

    func schedule(_ tag: Tag, after delay: Duration) {
        cancel(tag)
        timers[tag] = board.shard.loop.schedule(after: max(delay, .zero), self, tag: tag.rawValue)
    }

    func cancel(_ tag: Tag) {
        timers.removeValue(forKey: tag).map(board.shard.loop.cancel)
    }

    func cancelTimers() {
        for handle in timers.values { board.shard.loop.cancel(handle) }
        timers.removeAll()
    }
}

extension Job: TimerTarget {
    func timerFired(_ raw: UInt32) {
        guard let tag = Tag(rawValue: raw) else { return }
        timers[tag] = nil
        switch tag {
        case .ready: board.becameReady(self)
        case .lease: board.leaseEnded(self)
        case .limit: board.limitReached(self)
        case .numbers: board.showNumbers(of: self)
        }
    }
}

/// Numbers of progress, as the worker wrote them.
struct JobNumbers: Sendable, Equatable {
    /// How much is done.
    var done: String?
    /// Out of how much.
    var total: String?
    /// How long it will still take, in ms.
    var eta: Int64?

    /// Whether there are none.
    var isEmpty: Bool { done == nil && total == nil && eta == nil }

    /// Takes over what a report has.
    mutating func update(_ report: JobReport) {
        done = report.done ?? done
        total = report.total ?? total
        eta = report.eta ?? (report.done == nil ? eta : nil)
    }
}

@available(*, unavailable)
extension Job: Sendable {}
