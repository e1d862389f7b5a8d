import HubProtocol

extension HTTPService {
    /// Scripts, styles and connections of the page's own host and nothing else; no framing.
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// A page, script or style, or word that the browser's copy is still good.
    func file(_ name: String, _ head: HTTPRequestHead) -> HTTPReply {
        guard let file = site.web[name] else {
            return Problem(status: 404, code: "not_found", detail: "there is nothing at this path").reply
        }
        let headers = [
            ("ETag", file.entityTag), ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", HTTPService.contentSecurityPolicy),
        ]
        if file.matches(head.headers[first: "If-None-Match"]) { return HTTPReply(status: 304, headers: headers) }
        return HTTPReply(status: 200, headers: headers + [("Content-Type", file.contentType)], body: file.body)
    }
}
