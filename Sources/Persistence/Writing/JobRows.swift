import GRDB
import HubCore
import HubProtocol

/// Writes the rows of jobs: within the transaction of the event that tells of the change.
///
/// Confined to the writer's thread and the connection's access. Through GRDB's own statements: jobs are few.
enum JobRows {
    static func write(_ job: JobRecord, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: upsert)
        try statement.execute(arguments: [
            "tenant": job.tenant.id, "id": job.id, "kind": job.kind, "owner": job.owner,
            "state": job.state.rawValue, "priority": job.priority, "created_at": job.created, "run_at": job.runAt,
            "started_at": job.started, "ended_at": job.ended, "attempt": job.attempt, "limit_ms": job.limit,
            "lease": job.lease, "lease_ms": job.leaseTime, "worker": job.worker, "cancelled_by": job.cancelledBy,
            "settled_lease": job.settled?.lease, "settled_state": job.settled?.state.rawValue, "stage": job.stage,
            "input": text(job.input), "result": job.result.map(text), "error": job.error.map(text),
        ])
    }

    /// JSON is UTF-8 already.
    private static func text(_ json: [UInt8]) -> String {
        String(decoding: json, as: UTF8.self)
    }

    private static let upsert = """
        INSERT INTO jobs (
            tenant, id, kind, owner, state, priority, created_at, run_at, started_at, ended_at, attempt, limit_ms,
            lease, lease_ms, worker, cancelled_by, settled_lease, settled_state, stage, input, result, error
        ) VALUES (
            :tenant, :id, :kind, :owner, :state, :priority, :created_at, :run_at, :started_at, :ended_at, :attempt,
            :limit_ms, :lease, :lease_ms, :worker, :cancelled_by, :settled_lease, :settled_state, :stage, :input,
            :result, :error
        )
        ON CONFLICT (tenant, id) DO UPDATE SET
            state = excluded.state, run_at = excluded.run_at, started_at = excluded.started_at,
            ended_at = excluded.ended_at, attempt = excluded.attempt, lease = excluded.lease,
            lease_ms = excluded.lease_ms, worker = excluded.worker, cancelled_by = excluded.cancelled_by,
            settled_lease = excluded.settled_lease, settled_state = excluded.settled_state, stage = excluded.stage,
            result = excluded.result, error = excluded.error
        """
}
