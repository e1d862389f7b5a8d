/// The closed list of error codes that a peer can be told.
///
/// Source: protocol.md, "Errors and close codes".
public enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    /// Malformed, or against a rule of the contract; `field` names where.
    case badRequest = "bad_request"
    /// No valid credential (yet).
    case unauthorized = "unauthorized"
    /// The person may not do that.
    case forbidden = "forbidden"
    /// There is no such thing, as far as this person may know.
    case notFound = "not_found"
    /// Someone was faster; `current` tells the present state.
    case conflict = "conflict"
    /// Over a size limit.
    case tooLarge = "too_large"
    /// Too often; `retry_after` tells when to come back.
    case rateLimited = "rate_limited"
    /// The hub has too much to do right now; `retry_after` tells when to come back.
    case busy = "busy"
    /// Something behind the hub does not work right now.
    case unavailable = "unavailable"
    /// This hub does not serve that command.
    case unsupported = "unsupported"
    /// The hub's own fault.
    case `internal` = "internal"
}
