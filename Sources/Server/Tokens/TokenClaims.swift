import Foundation
import HubCore

/// The claims of protocol.md, as they stand in the payload; `principal` checks them.
struct TokenClaims: Decodable {
    let sub: String
    let exp: Double
    let nbf: Double?
    let iat: Double?
    let tenant: String?
    let roles: [String]?
    let name: String?
    let rooms: [String]?
    let iss: String?
    let aud: Audience?
    let jti: String?

    /// One audience or several (RFC 7519 §4.1.3).
    struct Audience: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                names = [one]
            } else {
                names = try container.decode([String].self)
            }
        }
    }

    /// Decodes a payload; a missing or mistyped claim is named.
    static func decode(_ payload: Data) throws(AuthenticationFailure) -> TokenClaims {
        do {
            return try JSONDecoder().decode(TokenClaims.self, from: payload)
        } catch DecodingError.keyNotFound(let key, _) {
            throw AuthenticationFailure("the token has no claim '\(key.stringValue)'")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let claim = TokenClaims.known.first { $0 == context.codingPath.first?.stringValue }
            throw AuthenticationFailure(
                claim.map { "the token's claim '\($0)' is of the wrong type" } ?? "the token's payload is not an object"
            )
        } catch {
            throw AuthenticationFailure("the token's payload is not valid JSON")
        }
    }

    private static let known = [
        "sub", "exp", "nbf", "iat", "tenant", "roles", "name", "rooms", "iss", "aud", "jti",
    ]
}

extension TokenClaims {
    /// What the operator demands of `iss` and `aud`; nil demands nothing.
    struct Expectation: Sendable {
        var issuer: String?
        var audience: String?
        var longestLife: Duration?
    }

    /// The person these claims describe at `now` (seconds since 1970).
    ///
    /// A token without `roles` is a plain `user`'s. Clocks may differ by a minute for `nbf` and `iat`; `exp` gets no leeway.
    func principal(now: Double, expecting: Expectation) throws(AuthenticationFailure) -> Principal {
        let leeway = 60.0
        guard exp.isFinite, exp > 0 else { throw AuthenticationFailure("the token's claim 'exp' is no time") }
        guard exp > now else { throw AuthenticationFailure("the token has expired") }
        if let longest = expecting.longestLife, exp > now + Double(longest.components.seconds) {
            throw AuthenticationFailure("the token's life is longer than the hub allows")
        }
        if let nbf, nbf > now + leeway { throw AuthenticationFailure("the token is not valid yet") }
        if let iat, iat > now + leeway { throw AuthenticationFailure("the token was issued in the future") }
        if let issuer = expecting.issuer, iss != issuer {
            throw AuthenticationFailure("the token is not from the expected issuer")
        }
        if let audience = expecting.audience, aud?.names.contains(audience) != true {
            throw AuthenticationFailure("the token is not for this audience")
        }
        guard ClaimText.isPlain(sub, 1...128) else {
            throw AuthenticationFailure("the token's claim 'sub' must be 1–128 bytes without control characters")
        }
        if let tenant, !ClaimText.isTenant(tenant) {
            throw AuthenticationFailure("the token's claim 'tenant' must be 1–64 bytes of A-Z, a-z, 0-9, _, . and -")
        }
        if let name, !ClaimText.isPlain(name, 1...256) {
            throw AuthenticationFailure("the token's claim 'name' must be 1–256 bytes without control characters")
        }
        if let jti, !ClaimText.isPlain(jti, 1...256) {
            throw AuthenticationFailure("the token's claim 'jti' must be 1–256 bytes without control characters")
        }
        guard rooms?.allSatisfy(ClaimText.isRoomPattern) ?? true else {
            throw AuthenticationFailure("the token's claim 'rooms' has an entry that is no room name or pattern")
        }
        let granted = (roles ?? ["user"]).compactMap(Roles.init(name:)).reduce(into: Roles()) { $0.formUnion($1) }
        return Principal(
            tenant: tenant.map(Tenant.init) ?? .default,
            user: sub,
            name: name ?? sub,
            roles: granted,
            rooms: rooms ?? [],
            expires: Int64(min(exp, TokenClaims.latest) * 1000),
            tokenID: jti,
            issued: iat.map { Int64(max(0, min($0, TokenClaims.latest)) * 1000) }
        )
    }

    /// The end of the year 9999, so that no claim overflows what is computed from it.
    private static let latest = 253_402_300_799.0
}
