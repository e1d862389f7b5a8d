import HubProtocol

/// The query of `GET …/events`: `before` or `after` (exclusive), and `limit`.
struct PageRequest: Equatable {
    var before: Int64?
    var after: Int64?
    var limit = CommandLimits.defaultPage

    init(query: String) throws(ErrorReply) {
        let parameters = QueryParameters(query)
        guard parameters.isWellFormed else { throw ErrorReply(.badRequest, "the query is not well-formed") }
        before = try PageRequest.number(parameters, "before", upTo: CommandLimits.largestInteger)
        after = try PageRequest.number(parameters, "after", upTo: CommandLimits.largestInteger)
        guard before == nil || after == nil else {
            throw ErrorReply(.badRequest, "before and after exclude each other", field: "after")
        }
        if let limit = try PageRequest.number(parameters, "limit", upTo: Int64(CommandLimits().page)) {
            self.limit = Int(limit)
        }
    }

    private static func number(
        _ parameters: QueryParameters,
        _ name: String,
        upTo most: Int64
    ) throws(ErrorReply) -> Int64? {
        guard let text = parameters[name] else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(text), number <= most
        else { throw ErrorReply(.badRequest, "\(name) must be a whole number from 0 to \(most)", field: name) }
        return number
    }
}
