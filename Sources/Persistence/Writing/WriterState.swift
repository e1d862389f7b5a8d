import GRDB
import HubCore

/// What only the writer's thread knows: its room rows, when it has rested, and what it has told the observer.
struct WriterState {
    /// No writes for this long is rest.
    static let restAfter: Int64 = 100_000_000
    private static let minute: Int64 = 60_000_000_000

    var group: GroupCommit
    var checkpoints: Checkpoints
    var sweep: RetentionSweep
    var announced: StoreCondition = .ready
    private let sweepInterval: Int64
    private var checkpointDue: Int64?
    private var sweepDue: Int64?
    /// When what is set aside is tried again.
    private(set) var asideDue: Int64?
    private var asideBackoff = Backoff.damage

    init(_ pool: DatabasePool, _ epochs: EpochList, _ configuration: StoreConfiguration, _ clock: any StoreClock) {
        group = GroupCommit(start: epochs.current, cachedRooms: configuration.cachedRooms)
        let log = pool.writeWithoutTransaction { WriteAheadLog($0) }
        checkpoints = Checkpoints(log, configuration)
        sweep = RetentionSweep(configuration)
        sweepInterval = max(configuration.retentionInterval.wholeNanoseconds, 1_000_000)
        sweepDue = sweep.isNeeded ? clock.now + min(sweepInterval, WriterState.minute) : nil
    }

    /// When there is something to do if nothing is to be written.
    var restDue: Int64? {
        guard let checkpointDue else { return sweepDue }
        return min(checkpointDue, sweepDue ?? checkpointDue)
    }

    /// A batch has been committed.
    mutating func committed(now: Int64) {
        checkpoints.committed()
        checkpointDue = checkpoints.wantsRest ? now + WriterState.restAfter : nil
    }

    func isCheckpointDue(now: Int64) -> Bool { checkpointDue.map { $0 <= now } ?? false }

    /// The log has been looked after, as far as readers let it.
    mutating func rested(now: Int64) {
        checkpointDue = checkpoints.wantsRest ? now + 10 * WriterState.restAfter : nil
    }

    func isSweepDue(now: Int64) -> Bool { sweepDue.map { $0 <= now } ?? false }

    /// A bite was done; the next one follows at once, unless it was the last.
    mutating func swept(_ bite: RetentionSweep.Bite, now: Int64) {
        checkpoints.committed()
        if bite.isLast { sweepDue = now + sweepInterval }
        if checkpointDue == nil, checkpoints.wantsRest { checkpointDue = now + WriterState.restAfter }
    }

    /// A bite could not be done: where the room at hand is damaged the next one follows.
    mutating func sweepFailed(_ error: any Error, now: Int64) {
        if DiskFault(error).isOfContent, sweep.skipRoom() { return }
        sweepDue = now + max(sweepInterval, WriterState.minute)
    }

    /// A room has been set aside.
    mutating func setAside(now: Int64) {
        if asideDue == nil { asideDue = now + asideBackoff.failed().wholeNanoseconds }
    }

    /// What is set aside has been tried; some of it may be left.
    mutating func triedAside(isEmpty: Bool, now: Int64) {
        asideDue = nil
        if isEmpty { asideBackoff.succeeded() } else { setAside(now: now) }
    }
}
