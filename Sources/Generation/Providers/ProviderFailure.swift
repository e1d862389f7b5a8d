/// Why an attempt failed, and what that means for the next one.
public struct ProviderFailure: Error, Sendable, Equatable {
    /// The kinds that routing tells apart.
    public enum Kind: String, Sendable, CaseIterable {
        /// Not reached, or the connection broke.
        case network
        /// The address is not allowed.
        case address
        /// A time limit: to connect, to the first token, between tokens, for the whole.
        case timeout
        /// It has too much to do (503, 529).
        case overloaded
        /// Too many requests for now (429).
        case rateLimited
        /// The account has no credit left (402, `insufficient_quota`).
        case quota
        /// The key is wrong or may not (401, 403).
        case unauthorized
        /// This request is wrong for this provider: unknown model, too long (400, 404, 413, 422).
        case request
        /// A fault on its side (5xx).
        case server
        /// The stream ended before the answer did.
        case truncated
        /// Something that its format does not know.
        case garbage
        /// The content filter refused.
        case filtered
    }

    /// What kind.
    public var kind: Kind
    /// The HTTP status, where there was one.
    public var status: Int?
    /// The provider's own code, for the log; at most 64 bytes.
    public var code: String?
    /// How long it asked to wait.
    public var retryAfter: Duration?
    /// The provider's word on whether to try again, where it gave one.
    public var shouldRetry: Bool?

    /// A failure.
    public init(
        _ kind: Kind,
        status: Int? = nil,
        code: String? = nil,
        retryAfter: Duration? = nil,
        shouldRetry: Bool? = nil
    ) {
        self.kind = kind
        self.status = status
        self.code = code.map { String($0.prefix(64)) }
        self.retryAfter = retryAfter
        self.shouldRetry = shouldRetry
    }

    /// Whether the same provider may be asked again.
    public var isTransient: Bool {
        switch kind {
        case .network, .timeout, .overloaded, .rateLimited, .server, .truncated, .garbage: shouldRetry ?? true
        case .address, .quota, .unauthorized, .request, .filtered: false
        }
    }

    /// Whether another provider may do better. A filter's word is final.
    public var isElsewhereWorthTrying: Bool {
        kind != .filtered
    }

    /// Whether it tells against the provider's health: not where this one request was wrong.
    public var isProvidersFault: Bool {
        switch kind {
        case .request, .filtered: false
        default: true
        }
    }
}
