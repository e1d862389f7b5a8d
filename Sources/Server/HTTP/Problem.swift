import HubProtocol

/// An error as `application/problem+json` (RFC 9457), with the hub's own code beside it.
struct Problem {
    let status: Int
    let code: String
    let detail: String
    var field: String?
    /// In ms.
    var retryAfter: Int?
    /// The present state as raw JSON, with `conflict`.
    var current: [UInt8]?
    var headers: [(String, String)] = []

    init(status: Int, code: String, detail: String, headers: [(String, String)] = []) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
    }

    /// What a command's error is over HTTP.
    init(_ error: ErrorReply) {
        status = Problem.status(of: error.code)
        code = error.code.rawValue
        detail = error.message
        field = error.field
        retryAfter = error.retryAfter
        current = error.current
        if error.code == .unauthorized { headers.append(("WWW-Authenticate", "Bearer")) }
    }

    /// A request that the parser or the handshake refused.
    init(_ rejection: HTTPRejection) {
        status = rejection.status
        code = Problem.code(of: rejection.status).rawValue
        detail = rejection.sentence
        headers = rejection.headers
    }

    /// The status table of the contract, *HTTP*.
    static func status(of code: ErrorCode) -> Int {
        switch code {
        case .badRequest, .unsupported: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .tooLarge: 413
        case .rateLimited: 429
        case .busy, .unavailable: 503
        case .internal: 500
        }
    }

    private static func code(of status: Int) -> ErrorCode {
        switch status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 413, 414, 431: .tooLarge
        case 429: .rateLimited
        case 501, 505: .unsupported
        case 503: .unavailable
        case 500...: .internal
        default: .badRequest
        }
    }

    var reply: HTTPReply {
        var body = [UInt8](#"{"type":"about:blank","title":"#.utf8)
        JSONText.appendString(HTTPResponse.reason(status), into: &body)
        body.append(contentsOf: ",\"status\":\(status),\"code\":".utf8)
        JSONText.appendString(code, into: &body)
        body.append(contentsOf: #","detail":"#.utf8)
        JSONText.appendString(detail, into: &body)
        if let field {
            body.append(contentsOf: #","field":"#.utf8)
            JSONText.appendString(field, into: &body)
        }
        var headers = headers + [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
        if let retryAfter {
            body.append(contentsOf: ",\"retry_after\":\(retryAfter)".utf8)
            headers.append(("Retry-After", String(max(1, (retryAfter + 999) / 1000))))
        } else if status == 503 || status == 429 {
            headers.append(("Retry-After", "1"))
        }
        if let current {
            body.append(contentsOf: #","current":"#.utf8)
            body.append(contentsOf: current)
        }
        body.append(UInt8(ascii: "}"))
        return HTTPReply(status: status, headers: headers, body: body)
    }
}
