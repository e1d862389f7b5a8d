import HubCore
import HubProtocol

/// What a `POST …/events` may say outside its body: the key as `Idempotency-Key`, `ack` in the query.
enum PublishOptions {
    /// The key; where header and body name different ones, neither counts.
    static func key(_ event: PostedEvent, header: String?) throws(ErrorReply) -> String? {
        guard let header else { return event.key }
        let key = try validKey(header: header)
        guard event.key == nil || event.key == key else {
            throw ErrorReply(.badRequest, "Idempotency-Key and the body's key differ", field: "key")
        }
        return key
    }

    /// The key of a header. Errors: `bad_request`, field `key`.
    static func validKey(header: String) throws(ErrorReply) -> String {
        // What is no UTF-8 was replaced when the head was read: different keys would become the same one.
        guard !header.unicodeScalars.contains("\u{FFFD}") else {
            throw ErrorReply(.badRequest, "Idempotency-Key is not UTF-8", field: "key")
        }
        return try PostedEvent.validKey(header)
    }

    /// The query's `ack` before the body's.
    static func acknowledgement(_ event: PostedEvent, query: String) throws(ErrorReply) -> Acknowledgement {
        let parameters = QueryParameters(query)
        guard parameters.isWellFormed else { throw ErrorReply(.badRequest, "the query is not well-formed") }
        switch parameters["ack"] {
        case nil: return event.ack
        case "accepted": return .accepted
        case "durable": return .durable
        case _?: throw ErrorReply(.badRequest, "ack must be accepted or durable", field: "ack")
        }
    }
}
