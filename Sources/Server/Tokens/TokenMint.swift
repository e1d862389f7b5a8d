import HubCore
import JWTKit

/// Makes tokens with the data folder's own secret: for `apus token` and the demo's log-in.
public struct TokenMint: Sendable {
    /// The `kid` of the data folder's own key.
    public static let keyID = "local"

    private let keys: JWTKeyCollection
    private let issuer: String?
    private let audience: String?

    /// A mint with a secret of at least 32 bytes; `issuer` and `audience` go into each token where they are not nil.
    public init(secret: [UInt8], issuer: String? = nil, audience: String? = nil) async {
        self.issuer = issuer
        self.audience = audience
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    }

    /// A signed token for these claims.
    public func token(for claims: MintedClaims) async throws -> String {
        var claims = claims
        claims.iss = issuer
        claims.aud = audience
        return try await keys.sign(claims, header: ["kid": .string(TokenMint.keyID)])
    }
}

/// What a minted token says; times are seconds since 1970.
public struct MintedClaims: JWTPayload {
    /// The person.
    public let sub: String
    /// The person's tenant.
    public let tenant: String
    /// What others see.
    public let name: String?
    /// What the person may do.
    public let roles: [String]
    /// Patterns of rooms.
    public let rooms: [String]?
    /// When it was made.
    public let iat: Int
    /// When it ends.
    public let exp: Int
    /// Who made it, as the mint says.
    var iss: String?
    /// Whom it is for, as the mint says.
    var aud: String?

    /// Claims that end `lifetime` after `now`.
    ///
    /// Errors: a value that the hub would refuse, as the sentence that the hub would give.
    public init(
        user: String,
        tenant: String = "default",
        name: String? = nil,
        roles: [String],
        rooms: [String] = [],
        now: Double,
        lifetime: Duration
    ) throws(AuthenticationFailure) {
        sub = user
        self.tenant = tenant
        self.name = name
        self.roles = roles
        self.rooms = rooms.isEmpty ? nil : rooms
        iat = Int(now)
        exp = Int(now) + Int(lifetime.components.seconds)
        if let unknown = roles.first(where: { Roles(name: $0) == nil }) {
            throw AuthenticationFailure("there is no role '\(unknown)'")
        }
        let claims = TokenClaims(
            sub: sub,
            exp: Double(exp),
            nbf: nil,
            iat: Double(iat),
            tenant: tenant,
            roles: roles,
            name: name,
            rooms: rooms,
            iss: nil,
            aud: nil,
            jti: nil
        )
        _ = try claims.principal(now: now, expecting: TokenClaims.Expectation())
    }

    /// Nothing to check in a token that is being made.
    public func verify(using algorithm: some JWTAlgorithm) {}
}
