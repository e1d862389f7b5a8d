import HubProtocol

/// A job as the disk keeps it: one row, written in the transaction of the kept event that changed it. Times are ms
/// since 1970 UTC.
public struct JobRecord: Sendable, Equatable {
    /// Whose it is.
    public let tenant: Tenant
    /// Its id: `JobIdentity` says how it is made.
    public let id: String
    /// Which workers can do it.
    public let kind: String
    /// The user that submitted it.
    public let owner: String
    /// What is wanted: a JSON value.
    public let input: [UInt8]
    /// When it was submitted.
    public let created: Int64
    /// Higher goes first.
    public let priority: Int
    /// How long one attempt may take, in ms.
    public let limit: Int64

    /// How it stands.
    public var state = JobState.queued
    /// Not to be begun before.
    public var runAt: Int64 = 0
    /// Attempts begun so far.
    public var attempt = 0
    /// When the present or last attempt began.
    public var started: Int64?
    /// When it ended for good.
    public var ended: Int64?
    /// The token of the present lease; nil where no worker has the job.
    public var lease: String?
    /// How long the worker may be silent, in ms.
    public var leaseTime: Int64 = 0
    /// The user of the worker that has or had it last.
    public var worker: String?
    /// Who asked for it to be cancelled.
    public var cancelledBy: String?
    /// The lease that the last `job.done` was for, and what came of that: a repeat gets the same answer.
    public var settled: Settled?
    /// What the worker said last that it does.
    public var stage: String?
    /// What came of it: a JSON value.
    public var result: [UInt8]?
    /// Why it, or its last attempt, failed: a JSON value.
    public var error: [UInt8]?

    /// What it takes in memory, roughly.
    public var bytes: Int { 512 + input.count + (result?.count ?? 0) + (error?.count ?? 0) }

    /// What a `job.done` came to.
    public struct Settled: Sendable, Equatable {
        /// The lease it was for.
        public let lease: String
        /// How the job stood after it.
        public let state: JobState

        /// What came of it.
        public init(lease: String, state: JobState) {
            self.lease = lease
            self.state = state
        }
    }

    /// A job that waits for its first attempt.
    public init(
        tenant: Tenant,
        id: String,
        kind: String,
        owner: String,
        input: [UInt8],
        created: Int64,
        priority: Int,
        limit: Int64
    ) {
        self.tenant = tenant
        self.id = id
        self.kind = kind
        self.owner = owner
        self.input = input
        self.created = created
        self.priority = priority
        self.limit = limit
    }
}

/// Which jobs a list is to have, newest first.
public struct JobPage: Sendable {
    /// Of which tenant.
    public let tenant: Tenant
    /// Only those of this user.
    public let owner: String?
    /// State, kind, place and length.
    public let listing: JobListing

    /// A page.
    public init(tenant: Tenant, owner: String?, listing: JobListing) {
        self.tenant = tenant
        self.owner = owner
        self.listing = listing
    }
}
