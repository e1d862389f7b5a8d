import HubProtocol

/// The `data` of events of kind `job`. What a reader has to know to show a job is in them: it needs no other source.
enum JobEvent {
    /// Who events are by that nobody asked for.
    static let hub = "sys"

    /// The first one of a job.
    static func submitted(_ record: JobRecord) -> [UInt8] {
        object { writer in
            writer.member("state", record.state.rawValue)
            writer.member("kind", record.kind)
            writer.member("priority", record.priority)
            writer.member("input", raw: record.input)
        }
    }

    /// It stands differently.
    static func stateChanged(_ record: JobRecord) -> [UInt8] {
        object { writer in
            writer.member("state", record.state.rawValue)
            writer.member("attempt", record.attempt)
            if record.state == .queued { writer.member("run_at", record.runAt) }
            if let result = record.result { writer.member("result", raw: result) }
            if let error = record.error, record.state != .running { writer.member("error", raw: error) }
        }
    }

    /// Somebody asked for it to be cancelled, and its worker has not answered yet.
    static func cancelling(_ record: JobRecord) -> [UInt8] {
        object { writer in
            writer.member("state", record.state.rawValue)
            writer.member("attempt", record.attempt)
            writer.member("cancelled_by", record.cancelledBy ?? hub)
        }
    }

    /// A worker's report: what of it is kept, with the numbers it came with.
    static func reported(_ report: JobReport, attempt: Int) -> [UInt8] {
        object { writer in
            writer.member("attempt", attempt)
            if let stage = report.stage { writer.member("stage", stage) }
            if let done = report.done { writer.member("done", raw: done.utf8) }
            if let total = report.total { writer.member("total", raw: total.utf8) }
            if let eta = report.eta { writer.member("eta_ms", eta) }
            if let log = report.log { writer.member("log", log) }
            if let file = report.file { writer.member("file", raw: file) }
            if let data = report.data { writer.member("data", raw: data) }
        }
    }

    /// Numbers of progress, which are shown and not kept.
    static func numbers(_ numbers: JobNumbers, attempt: Int) -> [UInt8] {
        object { writer in
            writer.object("progress") {
                $0.member("attempt", attempt)
                JobView.append(numbers, &$0)
            }
        }
    }

    /// An answer to a question.
    static func answered(question: String, text: String) -> [UInt8] {
        object { writer in
            writer.object("answer") {
                $0.member("question", question)
                $0.member("text", text)
            }
        }
    }

    /// Why an attempt came to nothing, where the hub says so.
    static func fault(_ code: String, _ message: String) -> [UInt8] {
        object { writer in
            writer.member("code", code)
            writer.member("message", message)
        }
    }

    private static func object(_ body: (inout JSONObjectWriter) -> Void) -> [UInt8] {
        var writer = JSONObjectWriter()
        body(&writer)
        return writer.finish()
    }
}
