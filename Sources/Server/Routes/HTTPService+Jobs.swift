import HubCore
import HubProtocol

/// `/api/v1/jobs…`: the commands `job.*` over HTTP, with the same fields in the body.
extension HTTPService {
    /// Does a command whose fields are in the body, and the job's id in the path where there is one.
    func job(_ name: JobCommand.Name, _ id: String?, _ request: HTTPRequest, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            do throws(ErrorReply) {
                let command = try jobCommand(name, id, request)
                shard.job(principal, command, address: request.address) { reply(HTTPService.answered(command, $0)) }
            } catch {
                reply(Problem(error).reply)
            }
        }
    }

    private func jobCommand(
        _ name: JobCommand.Name,
        _ id: String?,
        _ request: HTTPRequest
    ) throws(ErrorReply) -> JobCommand {
        switch (name, id) {
        case (.get, let id?): return .get(job: id)
        case (.list, _): return .list(try JobListing(query: request.head.query))
        default: break
        }
        var limits = CommandLimits()
        limits.dataBytes = site.dataBytes
        // A body may be left out where nothing has to be said.
        let body = request.body.isEmpty ? Array("{}".utf8) : request.body
        let key = try submissionKey(name, body, header: request.head.headers[first: "Idempotency-Key"])
        let read: Result<JobCommand, ErrorReply> = body.withUnsafeBytes { bytes in
            do throws(ErrorReply) {
                let fields = ByteView(bytes)
                return .success(try JobCommand(name, fields: fields, job: id, key: key, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        return try read.get()
    }

    /// What names a submission besides its body: the header, or, where neither has a key, one of its own.
    private func submissionKey(
        _ name: JobCommand.Name,
        _ body: [UInt8],
        header: String?
    ) throws(ErrorReply) -> String? {
        guard name == .submit else { return nil }
        if let header { return try PublishOptions.validKey(header: header) }
        let hasKey = body.withUnsafeBytes { (try? JSONObject(ByteView($0)))?["key"] != nil }
        return hasKey ? nil : "http-\(UInt64.random(in: 0...UInt64.max))-\(UInt64.random(in: 0...UInt64.max))"
    }

    private static func answered(_ command: JobCommand, _ result: Result<[UInt8], ErrorReply>) -> HTTPReply {
        switch result {
        case .failure(let error): return Problem(error).reply
        case .success(let object):
            guard case .submit = command else { return .json(object) }
            // Only an answer to a known key says `duplicate`.
            let isKnown = object.withUnsafeBytes { (try? JSONObject(ByteView($0)))?.flag("duplicate") ?? false }
            return .json(object, status: isKnown ? 200 : 201)
        }
    }
}

extension JobListing {
    /// Reads `state`, `kind`, `cursor` and `limit` of a query.
    fileprivate init(query: String) throws(ErrorReply) {
        let parameters = QueryParameters(query)
        guard parameters.isWellFormed else { throw ErrorReply(.badRequest, "the query is not well-formed") }
        var limit: Int64?
        if let text = parameters["limit"] {
            guard let number = Int64(text), (1...200).contains(number) else {
                throw ErrorReply(.badRequest, "limit must be a whole number from 1 to 200", field: "limit")
            }
            limit = number
        }
        try self.init(
            state: parameters["state"],
            kind: parameters["kind"],
            cursor: parameters["cursor"],
            limit: limit
        )
    }
}
