import Foundation
import HubCore

/// Verifies JWTs: the key by `kid`, the algorithm as pinned, then the signature, and only then the claims.
///
/// Owns the keys, which never change while the hub runs. Isolation: any thread, never suspends.
/// A failure's sentence repeats no part of the token.
public final class TokenAuthenticator: Authenticator {
    private let keys: [String: TokenKey]
    private let expectation: TokenClaims.Expectation
    private let now: @Sendable () -> Double

    /// An authenticator; `now` gives seconds since 1970.
    ///
    /// `issuer` and `audience` are demanded where they are not nil; tokens that end later than `longestLife` from now are
    /// refused. `keys` must have different ids: of two with
    /// the same one, the first counts.
    public init(
        keys: [TokenKey],
        issuer: String? = nil,
        audience: String? = nil,
        longestLife: Duration? = nil,
        now: @escaping @Sendable () -> Double = TokenAuthenticator.clock
    ) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        expectation = TokenClaims.Expectation(issuer: issuer, audience: audience, longestLife: longestLife)
        self.now = now
    }

    /// See `Authenticator`.
    public func authenticate(token: String) async throws(AuthenticationFailure) -> Principal {
        try verify(token)
    }

    /// The person behind a token.
    func verify(_ token: String) throws(AuthenticationFailure) -> Principal {
        guard let parts = CompactToken(token) else {
            throw AuthenticationFailure("the token is not a well-formed JWT of at most 8 KiB")
        }
        let key = try key(for: parts.header)
        guard parts.header.crit == nil else {
            throw AuthenticationFailure("the token demands extensions that are not understood")
        }
        if let type = parts.header.typ, !["JWT", "AT+JWT"].contains(type.uppercased()) {
            throw AuthenticationFailure("the token is of another type than JWT")
        }
        guard key.verifies(parts.signature, of: parts.signed) else {
            throw AuthenticationFailure("the token's signature is wrong")
        }
        return try TokenClaims.decode(parts.payload).principal(now: now(), expecting: expectation)
    }

    private func key(for header: TokenHeader) throws(AuthenticationFailure) -> TokenKey {
        let key: TokenKey? =
            if let id = header.kid { keys[id] } else if keys.count == 1 { keys.values.first } else { nil }
        guard let key else {
            throw AuthenticationFailure(header.kid == nil ? "the token names no key" : "the token's key is not known")
        }
        guard header.alg == key.algorithm.rawValue else {
            throw AuthenticationFailure("the token's algorithm is not the one of its key")
        }
        return key
    }

    /// The wall clock.
    public static let clock: @Sendable () -> Double = { Date().timeIntervalSince1970 }
}
