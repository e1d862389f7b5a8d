extension JobCommand {
    /// The names after `job.`.
    public enum Name: String, Sendable, CaseIterable {
        /// See the cases of `JobCommand`.
        case submit, claim, progress, done, cancel, answer, get, list
    }

    /// Reads the fields of a command out of an object, whose other members are ignored. Over HTTP the job's id may
    /// stand in the path and the key in a header: they are to be those of the body, where that has them.
    ///
    /// Errors: `bad_request` or `too_large`, with the field.
    public init(
        _ name: Name,
        fields text: ByteView,
        job: String? = nil,
        key: String? = nil,
        limits: CommandLimits = CommandLimits()
    ) throws(ErrorReply) {
        let fields = try JobFields(text, job: job, key: key, limits: limits)
        switch name {
        case .submit: self = .submit(try JobSubmission(fields))
        case .claim: self = .claim(try JobClaim(fields))
        case .progress: self = .progress(try JobReport(fields))
        case .done: self = .done(try JobEnding(fields))
        case .cancel: self = .cancel(job: try fields.job())
        case .answer:
            self = .answer(
                job: try fields.job(),
                question: try fields.requiredText("question", upTo: 64),
                text: try fields.requiredText("text", upTo: 16_384)
            )
        case .get: self = .get(job: try fields.job())
        case .list: self = .list(try JobListing(fields))
        }
    }
}

extension JobSubmission {
    init(_ fields: JobFields) throws(ErrorReply) {
        kind = try fields.kind("kind", fields.requiredText("kind", upTo: 64))
        guard let input = try fields.value("input") else { throw fields.missing("input") }
        self.input = input
        guard let key = try fields.key() else { throw fields.missing("key") }
        self.key = key
        priority = Int(try fields.integer("priority", in: -100...100) ?? 0)
        limit = try fields.integer("limit_ms", in: 1_000...86_400_000)
    }
}

extension JobClaim {
    init(_ fields: JobFields) throws(ErrorReply) {
        kinds = try fields.kinds("kinds", most: 64)
        lease = try fields.integer("lease_ms", in: 1_000...600_000) ?? 30_000
        wait = try fields.integer("wait_ms", in: 0...30_000) ?? 0
    }
}

extension JobReport {
    init(_ fields: JobFields) throws(ErrorReply) {
        job = try fields.job()
        lease = try fields.requiredText("lease", upTo: 64)
        stage = try fields.text("stage", upTo: 128)
        done = try fields.amount("done")
        total = try fields.amount("total")
        eta = try fields.integer("eta_ms", in: 0...CommandLimits.largestInteger)
        log = try fields.text("log", upTo: 8_192)
        file = try fields.file()
        data = try fields.value("data")
        key = try fields.key()
    }
}

extension JobEnding {
    init(_ fields: JobFields) throws(ErrorReply) {
        job = try fields.job()
        lease = try fields.requiredText("lease", upTo: 64)
        let result = try fields.value("result")
        let error = try fields.value("error")
        let retry = try fields.flag("retry")
        switch (result, error) {
        case (let result?, nil): outcome = .result(result)
        case (nil, let error?): outcome = .error(error, retry: retry ?? false)
        case (nil, nil): throw ErrorReply(.badRequest, "either result or error is needed", field: "result")
        case (.some, .some): throw ErrorReply(.badRequest, "result and error exclude each other", field: "error")
        }
    }
}

extension JobListing {
    init(_ fields: JobFields) throws(ErrorReply) {
        try self.init(
            state: fields.text("state", upTo: 64),
            kind: fields.text("kind", upTo: 64),
            cursor: fields.text("cursor", upTo: 128),
            limit: fields.integer("limit", in: 1...200)
        )
    }

    /// A page by its parts as texts, as a query has them. Errors: `bad_request`, with the field.
    public init(state: String?, kind: String?, cursor: String?, limit: Int64?) throws(ErrorReply) {
        if let state {
            guard let known = JobState(rawValue: state) else {
                let names = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw ErrorReply(.badRequest, "state is to be one of \(names)", field: "state")
            }
            self.state = known
        } else {
            self.state = nil
        }
        if let cursor {
            guard let place = JobCursor(cursor) else {
                throw ErrorReply(.badRequest, "cursor is to be one that an earlier page gave", field: "cursor")
            }
            self.cursor = place
        } else {
            self.cursor = nil
        }
        if let kind {
            guard Array(kind.utf8).withUnsafeBytes({ Kind.isWellFormed(ByteView($0)) }) else {
                throw ErrorReply(.badRequest, "a kind has 1 to 64 bytes of a-z 0-9 _ . -", field: "kind")
            }
        }
        self.kind = kind
        self.limit = Int(limit ?? 50)
    }
}
