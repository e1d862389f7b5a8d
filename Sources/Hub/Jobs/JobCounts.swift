import HubProtocol

/// What the board has counted since the start, and how it stands.
public struct JobCounts: Sendable {
    /// Jobs that wait for a worker or for their next attempt.
    public var queued = 0
    /// Jobs that a worker has.
    public var running = 0
    /// Workers that wait for a job.
    public var claims = 0
    /// Jobs submitted.
    public var submitted: UInt64 = 0
    /// Attempts begun.
    public var attempts: UInt64 = 0
    /// Attempts that ended because the worker was silent.
    public var lost: UInt64 = 0
    /// Attempts after which the job was queued again.
    public var retried: UInt64 = 0
    /// Jobs that ended, by how.
    public var ended: [JobState: UInt64] = [:]
    /// Time from submission to the first attempt, summed, in ms.
    public var waitMilliseconds: UInt64 = 0
    /// Jobs that have had a first attempt.
    public var waits: UInt64 = 0
    /// Time of ended attempts, summed, in ms.
    public var runMilliseconds: UInt64 = 0
    /// Attempts ended.
    public var runs: UInt64 = 0

    /// Nothing yet.
    public init() {}

    mutating func began(_ record: JobRecord) {
        attempts += 1
        guard record.attempt == 1, let started = record.started else { return }
        waits += 1
        waitMilliseconds += UInt64(max(0, started - record.created))
    }

    mutating func ranFor(_ record: JobRecord, until now: Int64) {
        runs += 1
        runMilliseconds += UInt64(max(0, now - (record.started ?? now)))
    }
}
