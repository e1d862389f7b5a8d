import HubProtocol
import Reactor

extension JobBoard {
    // MARK: Claims

    /// A worker asks for a job: it gets one now, when there is one, or none.
    func claim(_ claim: JobClaim, _ request: JobRequest) {
        guard request.principal.roles.contains(.worker) else { return refuse(request, .workersOnly) }
        let tenant = request.principal.tenant
        guard !isDraining else { return answerNone(request) }
        guard tenants[tenant]?.claims.count ?? 0 < configuration.jobClaimsPerTenant else {
            let sentence = "at most \(configuration.jobClaimsPerTenant) workers may wait"
            return refuse(request, ErrorReply(.busy, sentence, retryAfter: 1000))
        }
        let waiting = WaitingClaim(request, claim, on: self)
        tenants[tenant, default: TenantJobs()].claims.append(waiting)
        match(tenant)
        guard tenants[tenant]?.claims.last === waiting else { return }
        if claim.wait == 0 {
            waitedLongEnough(waiting)
        } else {
            waiting.timer = shard.loop.schedule(after: .milliseconds(claim.wait), waiting, tag: 0)
        }
    }

    /// No job has come in time.
    func waitedLongEnough(_ waiting: WaitingClaim) {
        drop(waiting)
        answerNone(waiting.request)
    }

    /// Nobody listens any more on that connection.
    func forgetClaims(of connection: ConnectionID) {
        for state in tenants.values {
            for waiting in state.claims where waiting.request.connection == connection { drop(waiting) }
        }
    }

    /// The hub goes: who waits is told that there is nothing, and nothing more is given out.
    func drain() {
        isDraining = true
        for state in tenants.values { state.claims.forEach(waitedLongEnough) }
    }

    private func drop(_ waiting: WaitingClaim) {
        waiting.timer.map(shard.loop.cancel)
        waiting.timer = nil
        let tenant = waiting.request.principal.tenant
        tenants[tenant]?.claims.removeAll { $0 === waiting }
        if tenants[tenant]?.isEmpty == true { tenants[tenant] = nil }
    }

    private func answerNone(_ request: JobRequest) {
        succeed(request) { $0.member("job", raw: "null".utf8) }
    }

    // MARK: Matching

    /// A job may be begun from now on.
    func becameReady(_ job: Job) {
        let record = job.record
        guard record.state == .queued else { return }
        let entry = JobQueue.Entry(priority: record.priority, created: record.created, id: record.id)
        tenants[record.tenant]?.ready.add(entry, kind: record.kind)
        if let state = tenants[record.tenant], state.ready.count > 2 * state.open + 64 {
            tenants[record.tenant]?.ready.prune { isReady($0, of: record.tenant) }
        }
        match(record.tenant)
    }

    /// Puts a job back: it becomes ready at its time.
    func waitUntilReady(_ job: Job) {
        let wait = job.record.runAt - wall
        if wait > 0 { job.schedule(.ready, after: .milliseconds(wait)) } else { becameReady(job) }
    }

    /// Gives ready jobs to workers that wait, as far as the tenant's limit goes.
    func match(_ tenant: Tenant) {
        var index = 0
        while let state = tenants[tenant], index < state.claims.count, state.running < configuration.jobsRunning {
            let waiting = state.claims[index]
            let taken = tenants[tenant]?.ready.take(waiting.claim.kinds) { isReady($0, of: tenant) }
            if let id = taken ?? nil, let job = jobs[JobKey(tenant: tenant, id: id)] {
                tenants[tenant]?.running += 1
                drop(waiting)
                give(job, to: waiting)
            } else {
                index += 1
            }
        }
    }

    private func isReady(_ id: String, of tenant: Tenant) -> Bool {
        guard let job = jobs[JobKey(tenant: tenant, id: id)] else { return false }
        return job.record.state == .queued && !job.isSettling && job.timers[.ready] == nil
    }

    private func give(_ job: Job, to waiting: WaitingClaim) {
        var record = job.record
        record.state = .running
        record.attempt += 1
        record.started = wall
        record.lease = LeaseToken.mint(using: &shard.random)
        record.leaseTime = waiting.claim.lease
        record.worker = waiting.request.principal.user
        record.stage = nil
        change(job, to: record, by: waiting.request.principal.user, JobEvent.stateChanged(record)) { [self] error in
            if let error {
                tenants[record.tenant]?.running -= 1
                refuse(waiting.request, error)
                // Not matched at once: the next worker would be refused as well.
                job.schedule(.ready, after: .seconds(1))
                return
            }
            job.connection = waiting.request.connection
            job.numbers = JobNumbers()
            beginLease(of: job)
            counts.began(record)
            succeed(waiting.request) { JobView.granted(record, leaseUntil: leaseUntil(job), &$0) }
        }
    }

    // MARK: Leases

    /// Starts the clocks of an attempt.
    func beginLease(of job: Job) {
        renew(job)
        let spent = wall - (job.record.started ?? wall)
        job.schedule(.limit, after: .milliseconds(job.record.limit - spent))
    }

    private func renew(_ job: Job) {
        let lease = Duration.milliseconds(job.record.leaseTime)
        job.leaseEnd = shard.loop.now.advanced(by: lease)
        job.schedule(.lease, after: lease)
    }

    func leaseUntil(_ job: Job) -> Int64 {
        guard let end = job.leaseEnd else { return wall }
        return wall + Int64(shard.loop.now.duration(to: end).milliseconds)
    }

    /// Whether what comes with this lease counts.
    private func holds(_ lease: String, _ record: JobRecord) -> Bool {
        guard record.state == .running, let present = record.lease else { return false }
        return LeaseToken.equal(present, lease)
    }

    /// The worker has been silent for too long: another one gets the job.
    func leaseEnded(_ job: Job) {
        job.whenSettled { [self] in
            guard job.record.state == .running, let end = job.leaseEnd, end <= shard.loop.now else { return }
            counts.lost += 1
            let error = JobEvent.fault("lost", "the worker was silent for too long")
            takeBack(job, error: error, mayRetry: true, settled: nil, by: JobEvent.hub) { _ in }
        }
    }

    /// The attempt has taken too long: it ends, and the job with it.
    func limitReached(_ job: Job) {
        job.whenSettled { [self] in
            guard job.record.state == .running else { return }
            let error = JobEvent.fault("time_limit", "the attempt took longer than \(job.record.limit) ms")
            tellWorker(job) { $0.object("cancel") { $0.member("by", JobEvent.hub) } }
            takeBack(job, error: error, mayRetry: false, settled: nil, by: JobEvent.hub) { _ in }
        }
    }

    // MARK: Reports

    /// What a worker says while it works. It renews the lease.
    func progress(_ report: JobReport, _ request: JobRequest) {
        guard request.principal.roles.contains(.worker) else { return refuse(request, .workersOnly) }
        find(report.job, request) { [self] job, record in
            guard let job, holds(report.lease, record) else { return refuse(request, .leaseIsOver(record)) }
            renew(job)
            job.connection = request.connection ?? job.connection
            if report.hasNumbers {
                job.numbers.update(report)
                showNumbers(of: job)
            }
            guard report.isKept else { return answerProgress(job, request) }
            if let stage = report.stage { job.record.stage = stage }
            let data = JobEvent.reported(report, attempt: record.attempt)
            keep(job.record, by: request.principal.user, data, key: report.key) { [self] result in
                switch result {
                case .success: answerProgress(job, request)
                case .failure(let error): refuse(request, error)
                }
            }
        }
    }

    private func answerProgress(_ job: Job, _ request: JobRequest) {
        succeed(request) { writer in
            writer.member("lease_until", leaseUntil(job))
            if job.record.cancelledBy != nil { writer.member("cancel", true) }
        }
    }

    /// Shows the latest numbers to the room: at most ten times a second.
    func showNumbers(of job: Job) {
        let now = shard.loop.now
        let pause = Duration.milliseconds(100)
        if let shown = job.shown, shown.duration(to: now) < pause {
            if job.timers[.numbers] == nil { job.schedule(.numbers, after: pause - shown.duration(to: now)) }
            return
        }
        guard job.record.state == .running, let room = JobIdentity.room(of: job.record.id) else { return }
        job.shown = now
        let signal = SignalRequest(
            by: job.record.worker ?? JobEvent.hub,
            kind: "job",
            data: JobEvent.numbers(job.numbers, attempt: job.record.attempt),
            reply: .nobody
        )
        shard.ask(RoomKey(tenant: job.tenant, name: room), .signal(signal))
    }

    /// A worker ends its job. Said again with the same lease it gets the same answer.
    func finish(_ ending: JobEnding, _ request: JobRequest) {
        guard request.principal.roles.contains(.worker) else { return refuse(request, .workersOnly) }
        find(ending.job, request) { [self] job, record in
            if let settled = record.settled, LeaseToken.equal(settled.lease, ending.lease) {
                return answerState(settled.state, request)
            }
            guard let job, holds(ending.lease, record) else { return refuse(request, .leaseIsOver(record)) }
            let user = request.principal.user
            let answer = { [self] (error: ErrorReply?) in
                if let error { return refuse(request, error) }
                answerState(job.record.state, request)
            }
            switch ending.outcome {
            case .error(let error, let retry):
                takeBack(job, error: error, mayRetry: retry, settled: ending.lease, by: user, then: answer)
            case .result(let result):
                var changed = record
                changed.state = .done
                changed.result = result
                changed.error = nil
                settle(job, changed, lease: ending.lease, by: user, then: answer)
            }
        }
    }

    /// Ends an attempt that came to nothing: another one, or none.
    private func takeBack(
        _ job: Job,
        error: [UInt8],
        mayRetry: Bool,
        settled lease: String?,
        by user: String,
        then: @escaping (ErrorReply?) -> Void
    ) {
        var record = job.record
        record.error = error
        if record.cancelledBy != nil {
            record.state = .cancelled
        } else if mayRetry, record.attempt < configuration.jobAttempts {
            let random = Double.random(in: 0..<1, using: &shard.random)
            record.state = .queued
            record.runAt = wall + Int64(JobRetry.wait(after: record.attempt, random: random).milliseconds)
        } else {
            record.state = .failed
        }
        settle(job, record, lease: lease, by: user, then: then)
    }

    /// Takes the job from its worker: it has ended, or waits for the next attempt.
    private func settle(
        _ job: Job,
        _ changed: JobRecord,
        lease: String?,
        by user: String,
        then: @escaping (ErrorReply?) -> Void
    ) {
        var record = changed
        record.lease = nil
        record.settled = lease.map { JobRecord.Settled(lease: $0, state: record.state) }
        if record.state.isEnd { record.ended = wall }
        change(job, to: record, by: user, JobEvent.stateChanged(record)) { [self] error in
            guard error == nil else {
                // The disk refuses: the worker may try again, and so do the clocks.
                if job.timers[.lease] == nil { job.schedule(.lease, after: .seconds(1)) }
                if job.timers[.limit] == nil, lease == nil { job.schedule(.limit, after: .seconds(1)) }
                return then(error)
            }
            job.cancelTimers()
            job.connection = nil
            job.leaseEnd = nil
            tenants[record.tenant]?.running -= 1
            counts.ranFor(record, until: wall)
            then(nil)
            if record.state.isEnd {
                remove(job)
            } else {
                counts.retried += 1
                waitUntilReady(job)
            }
            match(record.tenant)
        }
    }
}

extension ErrorReply {
    static var workersOnly: ErrorReply { ErrorReply(.forbidden, "only a worker may do that") }

    /// The lease is not the present one: another worker may have the job, or nobody any more.
    static func leaseIsOver(_ record: JobRecord) -> ErrorReply {
        ErrorReply(
            .conflict,
            "the lease is over",
            field: "lease",
            current: [UInt8]("{\"state\":\"\(record.state.rawValue)\",\"attempt\":\(record.attempt)}".utf8)
        )
    }
}
