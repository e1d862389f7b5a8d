import GRDB

/// Decides when the write-ahead log is copied into the database, and how hard to try. Only the writer's thread
/// checkpoints; everything here is confined to it.
///
/// - From `checkpointPages` on, and at rest from `restPages` on: PASSIVE, which waits for nobody.
/// - From `walPages` on, at most once a second: RESTART, which waits up to 50 ms until no reader needs the log,
///   so that the next commit starts at its beginning.
/// - At rest, where the file has ever grown to `walPages`: TRUNCATE, without waiting.
/// - At close: TRUNCATE.
///
/// A reader of another process that holds its snapshot for long (`apus doctor`, a backup) makes the log grow
/// meanwhile: nothing but its end helps, and that is said in the log.
struct Checkpoints {
    static let restPages = 256
    private static let second: Int64 = 1_000_000_000

    private let log: WriteAheadLog
    private let checkpointPages: Int
    private let walPages: Int
    private let busyTimeout: Duration
    /// Pages of the log that the database has.
    private var copied = 0
    /// Pages there were at the last attempt: what a reader held back then is tried again with the next ones.
    private var tried = 0
    /// The most pages the file has held since it was truncated.
    private var grownTo = 0
    /// When readers may be waited for again.
    private var notBefore = Int64.min
    /// When what failed may be tried again.
    private var failedUntil = Int64.min
    /// Attempts that an error ended.
    private(set) var failures = 0

    init(_ log: WriteAheadLog, _ configuration: StoreConfiguration) {
        self.log = log
        checkpointPages = max(configuration.checkpointPages, 1)
        walPages = max(configuration.walPages, checkpointPages)
        busyTimeout = configuration.busyTimeout
    }

    /// Pages in the log.
    var pages: Int { log.pages }

    /// What a commit left in the log.
    mutating func committed() {
        if log.pages < tried { (copied, tried) = (0, 0) }
        grownTo = max(grownTo, log.pages)
    }

    /// Whether there is something to do at rest.
    var wantsRest: Bool { log.pages - copied >= Checkpoints.restPages || grownTo >= walPages }

    /// Checkpoints where it is time. An error is returned, not thrown: commits are safe without checkpoints.
    mutating func run(_ db: Database, atRest: Bool, now: Int64) -> (any Error)? {
        guard let mode = mode(atRest: atRest, now: now) else { return nil }
        tried = log.pages
        let patience: Duration = mode == .restart ? .milliseconds(50) : .zero
        do {
            let answer = try log.checkpoint(db, mode, patience: patience, afterwards: busyTimeout)
            if mode == .restart { notBefore = now + Checkpoints.second }
            guard let answer else { return nil }
            copied = answer.copied
            if mode == .truncate {
                log.wasEmptied()
                (copied, tried, grownTo) = (0, 0, 0)
            }
            return nil
        } catch {
            failures += 1
            notBefore = now + Checkpoints.second
            failedUntil = notBefore
            return error
        }
    }

    private func mode(atRest: Bool, now: Int64) -> Database.CheckpointMode? {
        if atRest {
            if grownTo >= walPages { return .truncate }
            return log.pages - copied >= Checkpoints.restPages ? .passive : nil
        }
        if log.pages >= walPages, now >= notBefore { return .restart }
        return log.pages - max(copied, tried) >= checkpointPages && now >= failedUntil ? .passive : nil
    }

    /// The last one: copies everything and empties the file.
    func close(_ db: Database) throws {
        _ = try log.checkpoint(db, .truncate, patience: busyTimeout, afterwards: busyTimeout)
    }
}
