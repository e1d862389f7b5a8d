import HubProtocol

/// CORS for `/api`: configured origins only, without credentials, since tokens travel in a header of their own.
struct CrossOrigin: Sendable {
    let origins: Set<String>

    init(origins: [String]) {
        self.origins = Set(origins)
    }

    /// The headers a reply of the API gets; `Vary` also where the origin is a foreign one, for caches. Never
    /// `Access-Control-Allow-Credentials`: no cookie means anything here.
    func headers(for head: HTTPRequestHead) -> [(String, String)] {
        guard !origins.isEmpty else { return [] }
        guard let origin = head.headers[first: "Origin"], origins.contains(origin.lowercased()) else {
            return [("Vary", "Origin")]
        }
        return [
            ("Vary", "Origin"), ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", "Retry-After"),
        ]
    }

    /// The answer to a browser's preflight; where the origin is not allowed it says nothing, which refuses.
    func preflight(_ head: HTTPRequestHead) -> HTTPReply {
        guard let origin = head.headers[first: "Origin"], origins.contains(origin.lowercased()) else {
            return HTTPReply(status: 204, headers: [("Allow", "GET, HEAD, POST")])
        }
        return HTTPReply(
            status: 204,
            headers: [
                ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
                ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"),
                ("Access-Control-Max-Age", "600"),
            ]
        )
    }
}
