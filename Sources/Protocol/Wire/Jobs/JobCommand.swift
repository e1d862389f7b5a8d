/// A `job.*` command, owned: read and checked as far as that goes without knowing any job.
///
/// The same fields come in a WebSocket command and in the body of an HTTP request. Source: protocol.md, "Jobs".
public enum JobCommand: Sendable, Equatable {
    /// Asks for something to be generated.
    case submit(JobSubmission)
    /// A worker asks for a job of one of these kinds.
    case claim(JobClaim)
    /// A worker tells how far it is; alone it renews the lease.
    case progress(JobReport)
    /// A worker ends its job.
    case done(JobEnding)
    /// Somebody does not want it any more.
    case cancel(job: String)
    /// Answers a question of the worker.
    case answer(job: String, question: String, text: String)
    /// Asks for one job.
    case get(job: String)
    /// Asks for a page of jobs, newest first.
    case list(JobListing)
}

/// The fields of `job.submit`.
public struct JobSubmission: Sendable, Equatable {
    /// Which workers can do it; the rules of an event's kind.
    public let kind: String
    /// What is wanted: any JSON value, one line.
    public let input: [UInt8]
    /// Makes it idempotent for its sender, 1–64 bytes.
    public let key: String
    /// −100…100, higher goes first. Default 0.
    public let priority: Int
    /// How long one attempt may take, in ms; nil where the hub's own limit holds. 1 s … 24 h.
    public let limit: Int64?
}

/// The fields of `job.claim`.
public struct JobClaim: Sendable, Equatable {
    /// 1–64 kinds of job.
    public let kinds: [String]
    /// How long the worker may be silent, in ms. 1 s … 10 min, default 30 s.
    public let lease: Int64
    /// How long to wait for a job, in ms. 0 … 30 s, default 0.
    public let wait: Int64
}

/// The fields of `job.progress`.
public struct JobReport: Sendable, Equatable {
    /// Which job.
    public let job: String
    /// The token that `job.claim` gave.
    public let lease: String
    /// What is being done, up to 128 bytes.
    public let stage: String?
    /// How much is done; a number as it was written.
    public let done: String?
    /// Out of how much.
    public let total: String?
    /// How long it will still take, in ms.
    public let eta: Int64?
    /// A line for the log, up to 8 KiB.
    public let log: String?
    /// A file that was written, checked: `{path, size, hash, url?}`.
    public let file: [UInt8]?
    /// Anything else to be kept, such as a `question`.
    public let data: [UInt8]?
    /// Makes what is kept idempotent for the worker, 1–64 bytes: a report may be sent again after a lost connection.
    public let key: String?

    /// Whether something in it is kept, numbers aside.
    public var isKept: Bool { stage != nil || log != nil || file != nil || data != nil }
    /// Whether it has numbers.
    public var hasNumbers: Bool { done != nil || total != nil || eta != nil }
}

/// The fields of `job.done`.
public struct JobEnding: Sendable, Equatable {
    /// How the attempt went.
    public enum Outcome: Sendable, Equatable {
        /// Well; any JSON value.
        case result([UInt8])
        /// Not well; any JSON value, and whether another attempt may help.
        case error([UInt8], retry: Bool)
    }

    /// Which job.
    public let job: String
    /// The token that `job.claim` gave.
    public let lease: String
    /// How it went.
    public let outcome: Outcome
}

/// The fields of `job.list`.
public struct JobListing: Sendable, Equatable {
    /// Only jobs in that state.
    public let state: JobState?
    /// Only jobs of that kind.
    public let kind: String?
    /// Where the last page ended.
    public let cursor: JobCursor?
    /// At most this many, 1…200, default 50.
    public let limit: Int
}

/// How a job stands.
public enum JobState: String, Sendable, Hashable, CaseIterable {
    /// Waits for a worker.
    case queued
    /// A worker has it.
    case running
    /// Ended well.
    case done
    /// Ended not well, with no attempt left.
    case failed
    /// Ended because somebody did not want it any more.
    case cancelled

    /// Whether nothing will happen to it any more.
    public var isEnd: Bool { self != .queued && self != .running }
}

/// A place between two jobs in the order of `job.list`: by time of submission, then by id, newest first.
public struct JobCursor: Sendable, Equatable {
    /// When the last job of the page was submitted, ms since 1970 UTC.
    public let created: Int64
    /// Its id.
    public let job: String

    /// Behind that job.
    public init(created: Int64, job: String) {
        self.created = created
        self.job = job
    }

    /// As it goes over the wire: `<created>.<id>`.
    public var text: String { "\(created).\(job)" }

    /// Reads what `text` wrote; nil for anything else.
    public init?(_ text: String) {
        guard let dot = text.firstIndex(of: "."), let created = Int64(text[..<dot]), created >= 0 else { return nil }
        let job = String(text[text.index(after: dot)...])
        guard JobFields.isIdentifier(job) else { return nil }
        self.init(created: created, job: job)
    }
}
