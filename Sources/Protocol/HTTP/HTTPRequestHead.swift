/// Request line and header fields of one request, already checked (RFC 9112 §2–§6).
public struct HTTPRequestHead: Sendable {
    /// The method as sent; methods are case-sensitive.
    public let method: String

    /// The target in origin form: path and query as sent, or `*`.
    public let target: String

    /// 0 or 1 for HTTP/1.0 and HTTP/1.1.
    public let minorVersion: Int

    /// The header fields.
    public let headers: HTTPHeaders

    /// The announced length of the body; nil where none is announced.
    public let contentLength: Int?

    /// Whether the body comes in chunks.
    public let isChunked: Bool

    /// A head made of parts that are taken as they are.
    public init(
        method: String,
        target: String,
        minorVersion: Int = 1,
        headers: HTTPHeaders = HTTPHeaders(),
        contentLength: Int? = nil,
        isChunked: Bool = false
    ) {
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        self.headers = headers
        self.contentLength = contentLength
        self.isChunked = isChunked
    }

    /// The target up to the first `?`, still percent-encoded.
    public var path: String {
        String(target.prefix { $0 != "?" })
    }

    /// What follows the first `?`, still percent-encoded; empty where there is none.
    public var query: String {
        String(target.drop { $0 != "?" }.dropFirst())
    }

    /// Whether the client wants the connection to stay: the default of 1.1, to be asked for in 1.0.
    public var keepAlive: Bool {
        let wantsClose = headers.hasToken("close", in: "Connection")
        return !wantsClose && (minorVersion >= 1 || headers.hasToken("keep-alive", in: "Connection"))
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool {
        minorVersion >= 1 && headers.hasToken("100-continue", in: "Expect")
    }

    /// Whether a body follows.
    public var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }
}
