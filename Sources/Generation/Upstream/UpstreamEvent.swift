/// What happens to a transfer: at most one `head`, then bytes, then exactly one of `finished` and `failed`. After a cancel
/// nothing more.
public enum UpstreamEvent: Sendable {
    /// The head of the response that counts, behind all redirects. Comes with the first byte of the body or with its end.
    case head(UpstreamHead)
    /// A piece of the body, cut anywhere.
    case bytes([UInt8])
    /// The body is whole.
    case finished
    /// The transfer broke; what came before stays valid.
    case failed(UpstreamFailure)
}

/// Status and fields of a response.
public struct UpstreamHead: Sendable {
    /// The status code.
    public var status: Int
    /// The fields, names in lower case, in the order they came.
    public var fields: [(name: String, value: String)]

    /// The first field of that name (lower case).
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

/// Why a transfer broke.
public enum UpstreamFailure: Error, Sendable, Equatable {
    /// The name was not found, nobody listens, or TLS could not be agreed on.
    case unreachable(String)
    /// The name leads to an address that is not allowed.
    case addressRefused
    /// A time limit of the request has passed.
    case timedOut
    /// The response's head is over its limit.
    case headTooLarge
    /// The connection ended before the response did.
    case cut(String)
    /// The request cannot be made: a bad address or header.
    case invalidRequest(String)
}
