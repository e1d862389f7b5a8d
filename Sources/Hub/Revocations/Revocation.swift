/// Something that an admin has taken away: who or what may not come in any more.
///
/// Isolation: a value; any thread.
public struct Revocation: Sendable, Hashable {
    /// What is refused.
    public enum Subject: Sendable, Hashable {
        /// Every token of the person that was issued until then; of tokens without `iat` every one.
        case user(String)
        /// Tokens with this `jti`.
        case tokenID(String)
        /// The session, so that nobody takes its place.
        case session(String)
        /// The token that a revoked session came with, where it has no `jti`: the person's token of that `iat` and `exp`
        /// (ms since 1970).
        case token(user: String, issued: Int64?, expires: Int64)
    }

    /// Whose admin it was: nobody else's tokens are touched.
    public let tenant: Tenant
    /// What is refused.
    public let subject: Subject
    /// When, in ms since 1970 UTC.
    public let at: Int64
    /// When it may be forgotten, in ms since 1970 UTC, because no such token can be valid any more; nil: never.
    public let until: Int64?

    /// A revocation.
    public init(tenant: Tenant, subject: Subject, at: Int64, until: Int64?) {
        self.tenant = tenant
        self.subject = subject
        self.at = at
        self.until = until
    }

    /// Whether a token is refused for it.
    public func refuses(_ principal: Principal) -> Bool {
        guard principal.tenant == tenant else { return false }
        switch subject {
        case .user(let user):
            // `iat` has whole seconds: a token of the same second may be older.
            return principal.user == user && (principal.issued.map { $0 / 1000 <= at / 1000 } ?? true)
        case .tokenID(let id): return principal.tokenID == id
        case .token(let user, let issued, let expires):
            return principal.user == user && principal.issued == issued && principal.expires == expires
        case .session: return false
        }
    }

    /// What is written down of a person's token when its session is revoked.
    static func token(of principal: Principal, at: Int64) -> Revocation {
        let subject: Subject =
            if let id = principal.tokenID { .tokenID(id) } else {
                .token(user: principal.user, issued: principal.issued, expires: principal.expires)
            }
        return Revocation(tenant: principal.tenant, subject: subject, at: at, until: principal.expires)
    }
}
