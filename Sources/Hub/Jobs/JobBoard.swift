import HubProtocol
import Logging
import Reactor

/// All jobs that have not ended, of all tenants, and the workers that wait for one.
///
/// There is one board in the process, on the first loop: jobs are few and slow beside events. A job's truth is on
/// disk, as a row that is written in the transaction of the event that tells of the change; the board is what of it
/// has not ended, read once at the start. After a crash a worker's lease runs anew, so that it can come back to a
/// job it has; who comes too late has a lease that no longer holds, and nothing it says counts.
///
/// Isolation: confined to its loop; other loops reach it through their shard. Source: protocol.md, "Jobs".
final class JobBoard {
    unowned let shard: Shard
    var jobs: [JobKey: Job] = [:]
    var tenants: [Tenant: TenantJobs] = [:]
    var counts = JobCounts()
    var isDraining = false
    private var phase = Phase.loading([])
    private var lookups: [UInt64: (Result<[JobRecord], StoreFault>) -> Void] = [:]

    struct JobKey: Hashable {
        let tenant: Tenant
        let id: String
    }

    private enum Phase {
        /// The disk has been asked what has not ended; these wait.
        case loading([JobRequest])
        case ready
    }

    /// The loop it lives on.
    static let loop = 0

    /// Requests that may wait for the disk's first answer.
    private static let longestWait = 1000

    init(shard: Shard) {
        self.shard = shard
    }

    var configuration: HubConfiguration { shard.configuration }
    var wall: Int64 { shard.loop.wallMilliseconds }

    // MARK: The start

    /// Asks the disk what has not ended.
    func load() {
        shard.store.openJobs { [inbox = shard.inbox] result in inbox.post(.jobs(.loaded(result))) }
    }

    private func loaded(_ result: Result<[JobRecord], StoreFault>) {
        guard case .loading(let waiting) = phase else { return }
        switch result {
        case .success(let records):
            phase = .ready
            records.forEach(takeUp)
            waiting.forEach(perform)
        case .failure(let fault):
            shard.logger.error("jobs could not be read", metadata: ["error": "\(fault.sentence)"])
            phase = .loading([])
            for request in waiting { refuse(request, .roomUnreadable) }
            _ = shard.loop.schedule(after: .seconds(1), self, tag: 0)
        }
    }

    /// Goes on with a job of an earlier start.
    private func takeUp(_ record: JobRecord) {
        let job = add(record)
        if record.state == .running {
            tenants[record.tenant]?.running += 1
            beginLease(of: job)
        } else {
            waitUntilReady(job)
        }
    }

    // MARK: Messages

    func receive(_ message: JobMessage) {
        switch message {
        case .request(let request):
            guard case .loading(var waiting) = phase else { return perform(request) }
            guard waiting.count < JobBoard.longestWait else { return refuse(request, .boardBusy) }
            waiting.append(request)
            phase = .loading(waiting)
        case .gone(let connection): forgetClaims(of: connection)
        case .loaded(let result): loaded(result)
        case .found(let ticket, let result): lookups.removeValue(forKey: ticket)?(result)
        }
    }

    private func perform(_ request: JobRequest) {
        switch request.command {
        case .submit(let submission): submit(submission, request)
        case .claim(let claim): self.claim(claim, request)
        case .progress(let report): progress(report, request)
        case .done(let ending): finish(ending, request)
        case .cancel(let id): cancel(id, request)
        case .answer(let id, let question, let text): answer(id, question, text, request)
        case .get(let id): get(id, request)
        case .list(let listing): list(listing, request)
        }
    }

    // MARK: Jobs

    @discardableResult
    func add(_ record: JobRecord) -> Job {
        let job = Job(record, on: self)
        jobs[JobKey(tenant: record.tenant, id: record.id)] = job
        admit(record)
        return job
    }

    /// Counts a job that is to be here.
    func admit(_ record: JobRecord) {
        tenants[record.tenant, default: TenantJobs()].open += 1
        tenants[record.tenant]?.bytes += record.input.count
    }

    /// Takes back what `admit` counted.
    func dismiss(_ record: JobRecord) {
        tenants[record.tenant]?.open -= 1
        tenants[record.tenant]?.bytes -= record.input.count
        if tenants[record.tenant]?.isEmpty == true { tenants[record.tenant] = nil }
    }

    /// A job has ended: only the disk remembers it.
    func remove(_ job: Job) {
        job.cancelTimers()
        jobs[JobKey(tenant: job.tenant, id: job.record.id)] = nil
        dismiss(job.record)
        counts.ended[job.record.state, default: 0] += 1
    }

    // MARK: Changes

    /// Keeps an event in the job's room, and with it the record; `then` is called when both are durable, or refused.
    func keep(
        _ record: JobRecord,
        by user: String,
        _ data: [UInt8],
        key: String? = nil,
        then: @escaping (Result<SendReceipt, ErrorReply>) -> Void
    ) {
        guard let room = JobIdentity.room(of: record.id) else { return then(.failure(.noSuchJob)) }
        if let refusal = shard.storeRefusal() { return then(.failure(refusal)) }
        let target = shard.call { outcome in
            switch outcome {
            case .sent(let receipt): then(.success(receipt))
            case .refused(let error): then(.failure(error))
            default: break
            }
        }
        let request = SendRequest(
            by: user,
            kind: "job",
            data: data,
            key: key,
            acknowledgement: .durable,
            reply: target,
            job: record
        )
        shard.ask(RoomKey(tenant: record.tenant, name: room), .send(request))
    }

    /// Brings a job into another state. Until that is durable the job is as it was, and what else is asked waits.
    func change(
        _ job: Job,
        to record: JobRecord,
        by user: String,
        _ data: [UInt8],
        then: @escaping (ErrorReply?) -> Void
    ) {
        job.isSettling = true
        keep(record, by: user, data) { result in
            switch result {
            case .success:
                job.record = record
                then(nil)
            case .failure(let error): then(error)
            }
            job.settled()
        }
    }

    /// Looks jobs up on disk, where those are that have ended.
    func lookUp(
        _ ask: (@escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) -> Void,
        then: @escaping (Result<[JobRecord], StoreFault>) -> Void
    ) {
        let ticket = shard.nextTicket()
        lookups[ticket] = then
        ask { [inbox = shard.inbox] result in inbox.post(.jobs(.found(ticket: ticket, result))) }
    }

    /// Finds a job, ended or not. `then` gets the job where it has not ended, its record in any case.
    func find(_ id: String, _ request: JobRequest, then: @escaping (Job?, JobRecord) -> Void) {
        let tenant = request.principal.tenant
        if let job = jobs[JobKey(tenant: tenant, id: id)] {
            guard job.waiting.count < Job.longestWait else { return refuse(request, .boardBusy) }
            return job.whenSettled { then(job, job.record) }
        }
        lookUp({ shard.store.job(id, of: tenant, reply: $0) }) { [self] result in
            switch result {
            case .success(let records):
                guard let record = records.first else { return refuse(request, .noSuchJob) }
                then(nil, record)
            case .failure: refuse(request, .roomUnreadable)
            }
        }
    }

    // MARK: Answers

    func succeed(_ request: JobRequest, _ write: (inout JSONObjectWriter) -> Void) {
        var writer = JSONObjectWriter()
        write(&writer)
        shard.answer(request.reply, job: writer.finish())
    }

    func refuse(_ request: JobRequest, _ error: ErrorReply) {
        shard.refuse(request.reply, error)
    }

    /// Tells the worker that has a job something, where it was heard last.
    func tellWorker(_ job: Job, _ write: (inout JSONObjectWriter) -> Void) {
        guard let connection = job.connection, let lease = job.record.lease else { return }
        var writer = JSONObjectWriter()
        writer.member("job", job.record.id)
        writer.member("lease", lease)
        write(&writer)
        shard.push(writer.finish(), to: connection)
    }

    /// The numbers of now.
    func report() -> JobCounts {
        var report = counts
        report.running = tenants.values.reduce(0) { $0 + $1.running }
        report.queued = jobs.count - report.running
        report.claims = tenants.values.reduce(0) { $0 + $1.claims.count }
        return report
    }
}

extension JobBoard: TimerTarget {
    /// The disk could not be read a second ago.
    func timerFired(_ tag: UInt32) {
        load()
    }
}

@available(*, unavailable)
extension JobBoard: Sendable {}

extension ErrorReply {
    /// There is no such job, as far as this person may know.
    static var noSuchJob: ErrorReply { ErrorReply(.notFound, "there is no such job", field: "job") }
    /// Too much waits already.
    static var boardBusy: ErrorReply { ErrorReply(.busy, "too many commands wait for this job", retryAfter: 1000) }
}
