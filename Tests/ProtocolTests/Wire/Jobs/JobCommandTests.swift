import Testing

@testable import HubProtocol

/// protocol.md, "Jobs": the fields of each command, their defaults and limits.
@Suite("Job commands")
struct JobCommandTests {
    private func read(
        _ name: JobCommand.Name,
        _ text: String,
        job: String? = nil,
        key: String? = nil
    ) throws -> JobCommand {
        try Array(text.utf8).withUnsafeBytes { bytes in
            try JobCommand(name, fields: ByteView(bytes), job: job, key: key)
        }
    }

    private func refusal(_ name: JobCommand.Name, _ text: String, job: String? = nil, key: String? = nil) -> ErrorReply?
    {
        #expect(throws: ErrorReply.self) { try read(name, text, job: job, key: key) }
    }

    @Test("defaults hold where nothing is said")
    func defaults() throws {
        #expect(
            try read(.submit, #"{"kind":"k","input":null,"key":"x","other":1}"#)
                == .submit(JobSubmission(kind: "k", input: Array("null".utf8), key: "x", priority: 0, limit: nil))
        )
        #expect(
            try read(.claim, #"{"kinds":["a","b"]}"#) == .claim(JobClaim(kinds: ["a", "b"], lease: 30_000, wait: 0))
        )
        #expect(try read(.list, "{}") == .list(JobListing(state: nil, kind: nil, cursor: nil, limit: 50)))
        guard case .progress(let report) = try read(.progress, #"{"job":"j","lease":"l"}"#) else {
            Issue.record("no report")
            return
        }
        #expect(!report.isKept && !report.hasNumbers)
    }

    @Test("values are kept as they were written, without line breaks between them")
    func rawValues() throws {
        guard case .submit(let made) = try read(.submit, "{\"kind\":\"k\",\"key\":\"x\",\"input\":{\"a\":\n 1.0}}")
        else {
            Issue.record("no submission")
            return
        }
        #expect(String(decoding: made.input, as: UTF8.self) == "{\"a\": 1.0}")
        guard case .progress(let report) = try read(.progress, #"{"job":"j","lease":"l","done":1.50,"total":2e3}"#)
        else {
            Issue.record("no report")
            return
        }
        #expect(report.done == "1.50" && report.total == "2e3")
    }

    @Test("an attempt ends with a result or with an error, never both")
    func endings() throws {
        #expect(
            try read(.done, #"{"job":"j","lease":"l","result":[]}"#)
                == .done(JobEnding(job: "j", lease: "l", outcome: .result(Array("[]".utf8))))
        )
        #expect(
            try read(.done, #"{"job":"j","lease":"l","error":"e"}"#)
                == .done(JobEnding(job: "j", lease: "l", outcome: .error(Array("\"e\"".utf8), retry: false)))
        )
        #expect(refusal(.done, #"{"job":"j","lease":"l"}"#)?.field == "result")
        #expect(refusal(.done, #"{"job":"j","lease":"l","result":1,"error":2}"#)?.field == "error")
    }

    @Test("a file is checked and written anew")
    func files() throws {
        let text = #"{"job":"j","lease":"l","file":{"path":"a\/b","size":3,"hash":"h","more":1}}"#
        guard case .progress(let report) = try read(.progress, text) else {
            Issue.record("no report")
            return
        }
        #expect(report.file.map { String(decoding: $0, as: UTF8.self) } == #"{"path":"a/b","size":3,"hash":"h"}"#)
        #expect(report.isKept)
        #expect(refusal(.progress, #"{"job":"j","lease":"l","file":1}"#)?.field == "file")
        #expect(refusal(.progress, #"{"job":"j","lease":"l","file":{"path":"a","hash":"h"}}"#)?.field == "file.size")
        #expect(
            refusal(.progress, #"{"job":"j","lease":"l","file":{"path":"","size":1,"hash":"h"}}"#)?.field == "file.path"
        )
    }

    @Test("what stands outside the object goes for it, and may not differ from it")
    func outside() throws {
        #expect(try read(.cancel, "{}", job: "j") == .cancel(job: "j"))
        #expect(try read(.cancel, #"{"job":"j"}"#, job: "j") == .cancel(job: "j"))
        #expect(refusal(.cancel, #"{"job":"k"}"#, job: "j")?.field == "job")
        #expect(refusal(.cancel, "{}", job: "a/b")?.field == "job")
        guard case .submit(let made) = try read(.submit, #"{"kind":"k","input":1}"#, key: "header") else {
            Issue.record("no submission")
            return
        }
        #expect(made.key == "header")
        #expect(refusal(.submit, #"{"kind":"k","input":1,"key":"body"}"#, key: "header")?.field == "key")
        #expect(refusal(.submit, #"{"kind":"k","input":1}"#, key: "")?.field == "key")
    }

    @Test("sizes have their limits")
    func sizes() {
        let long = String(repeating: "x", count: 8193)
        #expect(refusal(.progress, #"{"job":"j","lease":"l","log":"\#(long)"}"#)?.code == .badRequest)
        #expect(refusal(.progress, #"{"job":"j","lease":"l","done":0.0000000000000000000000001}"#)?.field == "done")
        let big = String(repeating: "x", count: 65_535)
        #expect(refusal(.submit, #"{"kind":"k","key":"x","input":"\#(big)"}"#)?.code == .tooLarge)
        let kinds = Array(repeating: "\"k\"", count: 65).joined(separator: ",")
        #expect(refusal(.claim, "{\"kinds\":[\(kinds)]}")?.field == "kinds")
        #expect(refusal(.claim, #"{"kinds":[1]}"#)?.field == "kinds")
        #expect(refusal(.claim, #"{"kinds":["A"]}"#)?.field == "kinds")
        #expect(refusal(.submit, "nothing")?.code == .badRequest)
    }

    @Test("a cursor reads what it wrote, and nothing else")
    func cursors() {
        #expect(JobCursor(JobCursor(created: 17, job: "a-b").text) == JobCursor(created: 17, job: "a-b"))
        for wrong in ["", "17", ".a", "x.a", "17.", "-1.a", "17.a/b"] { #expect(JobCursor(wrong) == nil) }
    }
}
