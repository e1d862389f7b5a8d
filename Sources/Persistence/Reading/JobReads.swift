import GRDB
import HubCore
import HubProtocol

/// The reads of jobs. A row that cannot be what the hub wrote is a fault.
struct JobReads {
    private let db: Database

    init(_ db: Database) {
        self.db = db
    }

    /// All jobs that have not ended.
    func open() throws -> [JobRecord] {
        try records("WHERE state IN ('queued', 'running') ORDER BY created_at, id") { _ in }
    }

    /// The job of that id, if there is one.
    func job(_ id: String, of tenant: Tenant) throws -> [JobRecord] {
        try records("WHERE tenant = ? AND id = ?") { select in
            try select.bind(tenant.id, at: 1)
            try select.bind(id, at: 2)
        }
    }

    /// A page, newest first, and one row more where there is one.
    func page(_ page: JobPage) throws -> [JobRecord] {
        let listing = page.listing
        let values: [(condition: String, text: String?)] = [
            ("tenant = ?", page.tenant.id), ("owner = ?", page.owner), ("state = ?", listing.state?.rawValue),
            ("kind = ?", listing.kind),
        ]
        let texts = values.filter { $0.text != nil }
        var conditions = texts.map(\.condition)
        if listing.cursor != nil { conditions.append("(created_at, id) < (?, ?)") }
        let sql = """
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY created_at DESC, id DESC LIMIT \(listing.limit + 1)
            """
        return try records(sql) { select in
            var index: CInt = 0
            for (_, text) in texts {
                index += 1
                if let text { try select.bind(text, at: index) }
            }
            guard let cursor = listing.cursor else { return }
            try select.bind(cursor.created, at: index + 1)
            try select.bind(cursor.job, at: index + 2)
        }
    }

    private func records(_ condition: String, bind: (PreparedStatement) throws -> Void) throws -> [JobRecord] {
        let select = try PreparedStatement(db, "SELECT \(JobReads.columns) FROM jobs \(condition)")
        defer { select.reset() }
        try bind(select)
        var records: [JobRecord] = []
        while try select.step() { records.append(try record(select)) }
        return records
    }

    private static let columns = """
        tenant, id, kind, owner, input, created_at, priority, limit_ms, state, run_at, attempt, started_at, ended_at,
        lease, lease_ms, worker, cancelled_by, settled_lease, settled_state, stage, result, error
        """

    /// The present row, in the order of `columns`.
    private func record(_ row: PreparedStatement) throws -> JobRecord {
        var job = JobRecord(
            tenant: Tenant(row.string(0)),
            id: row.string(1),
            kind: row.string(2),
            owner: row.string(3),
            input: row.view(4).array(),
            created: row.int64(5),
            priority: Int(row.int64(6)),
            limit: row.int64(7)
        )
        job.state = try state(row.string(8))
        job.runAt = row.int64(9)
        job.attempt = Int(row.int64(10))
        job.started = row.optionalInt64(11)
        job.ended = row.optionalInt64(12)
        job.lease = row.optionalString(13)
        job.leaseTime = row.int64(14)
        job.worker = row.optionalString(15)
        job.cancelledBy = row.optionalString(16)
        if let lease = row.optionalString(17), let name = row.optionalString(18) {
            job.settled = JobRecord.Settled(lease: lease, state: try state(name))
        }
        job.stage = row.optionalString(19)
        job.result = row.optionalString(20).map { [UInt8]($0.utf8) }
        job.error = row.optionalString(21).map { [UInt8]($0.utf8) }
        return job
    }

    private func state(_ name: String) throws -> JobState {
        guard let state = JobState(rawValue: name) else {
            throw BrokenRule(sentence: "a job is in the state '\(name)' in the database; run apus doctor")
        }
        return state
    }
}
