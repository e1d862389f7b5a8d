import HubProtocol

/// A job as answers show it. Leases are shown to nobody but the worker that gets one.
enum JobView {
    /// To the worker that gets it.
    static func granted(_ record: JobRecord, leaseUntil: Int64, _ writer: inout JSONObjectWriter) {
        writer.member("job", record.id)
        writer.member("lease", record.lease ?? "")
        writer.member("lease_until", leaseUntil)
        writer.member("attempt", record.attempt)
        writer.member("kind", record.kind)
        writer.member("input", raw: record.input)
        writer.member("room", "job:\(record.id)")
    }

    /// Everything there is to know.
    static func whole(_ record: JobRecord, _ numbers: JobNumbers?, _ writer: inout JSONObjectWriter) {
        line(record, numbers, &writer)
        writer.member("input", raw: record.input)
        if let result = record.result { writer.member("result", raw: result) }
        if let error = record.error { writer.member("error", raw: error) }
    }

    /// What a list has of it.
    static func line(_ record: JobRecord, _ numbers: JobNumbers?, _ writer: inout JSONObjectWriter) {
        writer.member("job", record.id)
        writer.member("room", "job:\(record.id)")
        writer.member("kind", record.kind)
        writer.member("by", record.owner)
        writer.member("state", record.state.rawValue)
        writer.member("priority", record.priority)
        writer.member("attempt", record.attempt)
        writer.member("created", record.created)
        if record.state == .queued, record.runAt > 0 { writer.member("run_at", record.runAt) }
        if let started = record.started { writer.member("started", started) }
        if let ended = record.ended { writer.member("ended", ended) }
        if let worker = record.worker { writer.member("worker", worker) }
        if let stage = record.stage { writer.member("stage", stage) }
        if let by = record.cancelledBy { writer.member("cancelled_by", by) }
        if let numbers, record.state == .running { append(numbers, &writer) }
    }

    static func append(_ numbers: JobNumbers, _ writer: inout JSONObjectWriter) {
        if let done = numbers.done { writer.member("done", raw: done.utf8) }
        if let total = numbers.total { writer.member("total", raw: total.utf8) }
        if let eta = numbers.eta { writer.member("eta_ms", eta) }
    }
}
