import HubProtocol

extension JobBoard {
    /// Takes a job. Errors: `forbidden`, `busy` where the tenant has too many, the store's.
    func submit(_ submission: JobSubmission, _ request: JobRequest) {
        let principal = request.principal
        guard Permissions.maySubmitJobs(principal) else {
            return refuse(request, ErrorReply(.forbidden, "you have no right to submit jobs"))
        }
        let id = JobIdentity.id(tenant: principal.tenant, user: principal.user, key: submission.key)
        if jobs[JobKey(tenant: principal.tenant, id: id)] != nil {
            return answerSubmitted(id, request, duplicate: true)
        }
        if let refusal = queueRefusal(principal.tenant, bytes: submission.input.count) {
            return refuse(request, refusal)
        }
        let record = JobRecord(
            tenant: principal.tenant,
            id: id,
            kind: submission.kind,
            owner: principal.user,
            input: submission.input,
            created: wall,
            priority: submission.priority,
            limit: submission.limit ?? Int64(configuration.jobTimeLimit.milliseconds)
        )
        admit(record)
        keep(record, by: principal.user, JobEvent.submitted(record), key: submission.key) { [self] result in
            dismiss(record)
            switch result {
            case .success(let receipt) where receipt.duplicate: answerSubmitted(id, request, duplicate: true)
            case .success:
                counts.submitted += 1
                answerSubmitted(id, request, duplicate: false)
                becameReady(add(record))
            case .failure(let error): refuse(request, error)
            }
        }
    }

    private func answerSubmitted(_ id: String, _ request: JobRequest, duplicate: Bool) {
        succeed(request) { writer in
            writer.member("job", id)
            writer.member("room", "job:\(id)")
            if duplicate { writer.member("duplicate", true) }
        }
    }

    private func queueRefusal(_ tenant: Tenant, bytes: Int) -> ErrorReply? {
        guard let known = tenants[tenant] else { return nil }
        if known.open >= configuration.jobsPerTenant {
            return ErrorReply(.busy, "at most \(configuration.jobsPerTenant) jobs may be open", retryAfter: 1000)
        }
        if known.bytes + bytes > configuration.jobBytesPerTenant {
            let sentence = "the inputs of open jobs may have at most \(configuration.jobBytesPerTenant) bytes"
            return ErrorReply(.busy, sentence, retryAfter: 1000)
        }
        return nil
    }

    /// Somebody does not want a job any more: one that waits ends, a worker is told.
    func cancel(_ id: String, _ request: JobRequest) {
        guard allows(request, .send, id) else { return refuse(request, .noSuchJob) }
        find(id, request) { [self] job, record in
            guard let job, !record.state.isEnd else {
                guard record.state == .cancelled else { return refuse(request, .jobHasEnded(record.state)) }
                return answerState(.cancelled, request)
            }
            guard record.cancelledBy == nil else { return answerState(record.state, request) }
            var changed = record
            changed.cancelledBy = request.principal.user
            guard record.state == .running else {
                changed.state = .cancelled
                changed.ended = wall
                return end(job, changed, by: request.principal.user) { [self] error in
                    if let error { refuse(request, error) } else { answerState(.cancelled, request) }
                }
            }
            change(job, to: changed, by: request.principal.user, JobEvent.cancelling(changed)) { [self] error in
                if let error { return refuse(request, error) }
                tellWorker(job) { $0.object("cancel") { $0.member("by", request.principal.user) } }
                answerState(.running, request)
            }
        }
    }

    /// Ends a job that no worker has.
    private func end(_ job: Job, _ record: JobRecord, by user: String, then: @escaping (ErrorReply?) -> Void) {
        change(job, to: record, by: user, JobEvent.stateChanged(record)) { [self] error in
            if error == nil { remove(job) } else { becameReady(job) }
            then(error)
        }
    }

    /// Answers a question of the worker: kept in the job's room, and told to the worker.
    func answer(_ id: String, _ question: String, _ text: String, _ request: JobRequest) {
        guard allows(request, .send, id) else { return refuse(request, .noSuchJob) }
        find(id, request) { [self] job, record in
            guard let job, !record.state.isEnd else { return refuse(request, .jobHasEnded(record.state)) }
            let user = request.principal.user
            keep(record, by: user, JobEvent.answered(question: question, text: text)) { [self] result in
                switch result {
                case .success(let receipt):
                    tellWorker(job) { writer in
                        writer.object("answer") {
                            $0.member("question", question)
                            $0.member("text", text)
                            $0.member("by", user)
                        }
                    }
                    succeed(request) { $0.member("offset", receipt.offset) }
                case .failure(let error): refuse(request, error)
                }
            }
        }
    }

    /// Whether the person may do that with the room of a job.
    func allows(_ request: JobRequest, _ action: RoomAction, _ id: String) -> Bool {
        guard let room = JobIdentity.room(of: id) else { return false }
        return Permissions.allows(request.principal, action, in: room)
    }

    func answerState(_ state: JobState, _ request: JobRequest) {
        succeed(request) { $0.member("state", state.rawValue) }
    }
}

extension ErrorReply {
    /// It is too late for that.
    static func jobHasEnded(_ state: JobState) -> ErrorReply {
        ErrorReply(
            .conflict,
            "the job has ended",
            field: "job",
            current: [UInt8]("{\"state\":\"\(state.rawValue)\"}".utf8)
        )
    }
}
