/// Writes HTTP/1.1 responses.
///
/// A response cannot be split by what ends up in a header: a field whose name is no token is left out, and control
/// characters in values become spaces. The framing fields are this writer's alone; a caller's `Content-Length`,
/// `Transfer-Encoding` or `Connection` is left out.
public enum HTTPResponse {
    /// Appends a whole response.
    ///
    /// - Parameters:
    ///   - status: 200…599. The body is left out for 204 and 304.
    ///   - body: the body; nil is an empty one.
    ///   - keepAlive: false says that the connection ends behind this response.
    ///   - omitBody: for `HEAD`: everything but the body itself.
    public static func append(
        status: Int,
        headers: [(String, String)] = [],
        body: ByteView? = nil,
        keepAlive: Bool,
        omitBody: Bool = false,
        into bytes: inout [UInt8]
    ) {
        let body = body ?? .empty
        appendStatusAndFields(status, headers, into: &bytes)
        if status != 204, status != 304 {
            appendField("Content-Length", String(body.count), into: &bytes)
        }
        // Whoever names a protocol in Upgrade has to list that field as a connection option (RFC 9110 §7.8).
        let upgrades = headers.contains { HTTPCharacters.equalIgnoringCase($0.0.utf8, "upgrade".utf8) }
        appendEnd((keepAlive ? "keep-alive" : "close") + (upgrades ? ", Upgrade" : ""), into: &bytes)
        if !omitBody, status != 204, status != 304 { bytes.append(body) }
    }

    /// Appends the head of a response whose body is written as it comes and ends with the connection, such as an
    /// event stream.
    public static func appendHead(status: Int, headers: [(String, String)], into bytes: inout [UInt8]) {
        appendStatusAndFields(status, headers, into: &bytes)
        appendEnd("close", into: &bytes)
    }

    /// Appends the refusal of a request: its sentence as plain text, and the end of the connection.
    public static func append(_ rejection: HTTPRejection, into bytes: inout [UInt8]) {
        let text = Array((rejection.sentence + "\n").utf8)
        text.withUnsafeBytes { body in
            append(
                status: rejection.status,
                headers: rejection.headers + [("Content-Type", "text/plain; charset=utf-8")],
                body: ByteView(body),
                keepAlive: false,
                into: &bytes
            )
        }
    }

    /// Appends the interim response to a request with `expectsContinue`.
    public static func appendContinue(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }

    /// The phrase that goes with a status; empty for one that has none here.
    public static func reason(_ status: Int) -> String {
        reasons[status] ?? ""
    }

    private static func appendStatusAndFields(_ status: Int, _ headers: [(String, String)], into bytes: inout [UInt8]) {
        bytes.append(contentsOf: "HTTP/1.1 \(status) \(reason(status))\r\n".utf8)
        for (name, value) in headers where HTTPCharacters.isToken(name) && !isFraming(name) {
            appendField(name, value, into: &bytes)
        }
    }

    private static func isFraming(_ name: String) -> Bool {
        ["content-length", "transfer-encoding", "connection"].contains {
            HTTPCharacters.equalIgnoringCase($0.utf8, name.utf8)
        }
    }

    private static func appendField(_ name: String, _ value: String, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: value.utf8.lazy.map { HTTPCharacters.isValue($0) ? $0 : 0x20 })
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func appendEnd(_ connection: String, into bytes: inout [UInt8]) {
        appendField("Connection", connection, into: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static let reasons: [Int: String] = [
        101: "Switching Protocols",
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 421: "Misdirected Request",
        422: "Unprocessable Content", 426: "Upgrade Required", 428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}
