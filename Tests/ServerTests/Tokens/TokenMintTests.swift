import HubCore
import Testing

@testable import HubServer

@Suite("Making tokens")
struct TokenMintTests {
    @Test("what is minted verifies, with all it says")
    func roundTrip() async throws {
        let mint = await TokenMint(secret: TokenForge.secret, issuer: "i", audience: "a")
        let claims = try MintedClaims(
            user: "u7",
            tenant: "t1",
            name: "Вера",
            roles: ["helper", "worker"],
            rooms: ["ticket:*"],
            now: TokenForge.now,
            lifetime: .seconds(3600)
        )
        let token = try await mint.token(for: claims)
        let authenticator = try await TokenForge.authenticator(issuer: "i", audience: "a")
        let person = try await authenticator.authenticate(token: token)
        #expect(person.user == "u7")
        #expect(person.tenant.id == "t1")
        #expect(person.name == "Вера")
        #expect(person.roles == [.helper, .worker])
        #expect(person.rooms == ["ticket:*"])
        #expect(person.expires == 1_750_003_600_000)
    }

    @Test(
        "what a hub would refuse is not minted",
        arguments: [
            ("", "default", "user", "ticket:1", "the token's claim 'sub'"),
            ("u", "a b", "user", "ticket:1", "the token's claim 'tenant'"),
            ("u", "default", "root", "ticket:1", "there is no role 'root'"),
            ("u", "default", "user", "ä", "the token's claim 'rooms'"),
        ]
    )
    func refused(_ user: String, _ tenant: String, _ role: String, _ room: String, _ beginning: String) {
        let error = #expect(throws: AuthenticationFailure.self) {
            try MintedClaims(
                user: user,
                tenant: tenant,
                roles: [role],
                rooms: [room],
                now: TokenForge.now,
                lifetime: .seconds(60)
            )
        }
        #expect(error?.sentence.hasPrefix(beginning) == true)
    }

    @Test(
        "lifetimes",
        arguments: [
            ("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("3650d", 315_360_000),
        ]
    )
    func lifetime(_ text: String, _ seconds: Int) {
        #expect(TokenLifetime.parse(text) == .seconds(seconds))
    }

    @Test(
        "what is no lifetime",
        arguments: ["", "h", "1", "0s", "-1h", "+1h", "1w", "1.5h", "3651d", "99999999999999999999s"]
    )
    func noLifetime(_ text: String) {
        #expect(TokenLifetime.parse(text) == nil)
    }
}
