/// A request to a server of somebody else. Immutable; holds secrets in its headers, so it is never logged.
public struct UpstreamRequest: Sendable {
    /// `GET`, `POST` and so on.
    public var method: String
    /// An `http` or `https` address.
    public var url: String
    /// Header fields as they go out. A line break in one of them makes the request fail before it is sent.
    public var headers: [(name: String, value: String)]
    /// The body; none where it is empty.
    public var body: [UInt8]
    /// Time for looking the name up, connecting and TLS. Default 5 s.
    public var connectTimeout: Duration = .seconds(5)
    /// Time for the whole transfer. Default 600 s.
    public var totalTimeout: Duration = .seconds(600)
    /// Largest head of a response, all redirects together. Default 64 KiB; over it `headTooLarge`.
    public var headBytes = 64 << 10
    /// Which resolved addresses it may go to, redirects included. Default: public ones.
    public var addresses = AddressGuard.publicOnly
    /// Redirects that are followed, each checked like the first address. Default none: a 3xx is then the answer.
    public var redirects = 0
    /// A proxy's address; the one of the environment never counts. Through a proxy only it itself is resolved here, so the
    /// check of addresses is the proxy's.
    public var proxy: String?
    /// A file of certificate authorities in place of the system's.
    public var authorities: String?

    /// A request.
    public init(method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
