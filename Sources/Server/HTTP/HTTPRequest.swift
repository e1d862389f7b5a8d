import HubProtocol

/// A whole request, as end points get it.
struct HTTPRequest {
    let head: HTTPRequestHead
    let body: [UInt8]
    /// The address by which the peer is counted; nil where it is exempt.
    let address: String?

    /// The token of `Authorization: Bearer …` (RFC 6750 §2.1); nil where there is none.
    var bearer: String? {
        guard let value = head.headers[first: "Authorization"] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
