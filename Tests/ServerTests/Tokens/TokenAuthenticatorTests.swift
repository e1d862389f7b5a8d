import Foundation
import HubCore
import JWTKit
import Testing

@testable import HubServer

@Suite("Verifying tokens")
struct TokenAuthenticatorTests {
    private func failure(
        _ token: String,
        issuer: String? = nil,
        audience: String? = nil
    ) async throws -> String? {
        let authenticator = try await TokenForge.authenticator(issuer: issuer, audience: audience)
        do {
            _ = try await authenticator.authenticate(token: token)
            return nil
        } catch {
            return error.sentence
        }
    }

    private func failure(payload: String) async throws -> String? {
        try await failure(try await TokenForge.hmac(payload: payload))
    }

    @Test("a good token becomes a person")
    func good() async throws {
        let token = try await TokenForge.hmac(header: #"{"alg":"HS256","kid":"local","typ":"JWT"}"#)
        let person = try await TokenForge.authenticator().authenticate(token: token)
        #expect(person.user == "u7")
        #expect(person.name == "Аня")
        #expect(person.tenant == .default)
        #expect(person.roles == .operator)
        #expect(person.rooms == ["ticket:*"])
        #expect(person.expires == 1_750_003_600_000)
        #expect(person.tokenID == nil)
    }

    @Test("claims that may be left out have defaults; unknown roles are left out")
    func defaults() async throws {
        let authenticator = try await TokenForge.authenticator()
        let plain = try await authenticator.authenticate(
            token: try await TokenForge.hmac(payload: #"{"sub":"u7","exp":1750003600.5}"#)
        )
        #expect(plain.name == "u7")
        #expect(plain.roles == .user)
        #expect(plain.rooms.isEmpty)
        #expect(plain.expires == 1_750_003_600_500)
        let odd = try await authenticator.authenticate(
            token: try await TokenForge.hmac(
                payload: #"{"sub":"u","exp":1e300,"roles":["root","viewer"],"tenant":"t-1","jti":"j"}"#
            )
        )
        #expect(odd.roles == .viewer)
        #expect(odd.tenant == Tenant("t-1"))
        #expect(odd.tokenID == "j")
        #expect(odd.expires == 253_402_300_799_000)
    }

    @Test("alg none, unsigned or signed, is refused", arguments: ["none", "None", "NONE", "nOnE"])
    func algorithmNone(_ name: String) async throws {
        let header = #"{"alg":"\#(name)"}"#
        let unsigned = TokenForge.token(header: header) { _ in [] }
        #expect(try await failure(unsigned) == "the token's algorithm is not the one of its key")
        let signed = try await TokenForge.hmac(header: header)
        #expect(try await failure(signed) == "the token's algorithm is not the one of its key")
    }

    @Test(
        "an algorithm other than the key's is refused before its signature is looked at",
        arguments: [
            "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "",
        ]
    )
    func otherAlgorithm(_ name: String) async throws {
        let token = try await TokenForge.hmac(header: #"{"alg":"\#(name)","kid":"local"}"#)
        #expect(try await failure(token) == "the token's algorithm is not the one of its key")
    }

    @Test("a public key is no HMAC secret")
    func confusion() async throws {
        let key = ES256PrivateKey()
        let authenticator = TokenAuthenticator(
            keys: [try await .es256(id: "main", key: key.publicKey)],
            now: { TokenForge.now }
        )
        for header in [#"{"alg":"HS256","kid":"main"}"#, #"{"alg":"ES256","kid":"main"}"#] {
            let token = try await TokenForge.hmac(header: header, secret: [UInt8](key.publicKey.pemRepresentation.utf8))
            await #expect(throws: AuthenticationFailure.self) { try await authenticator.authenticate(token: token) }
        }
    }

    @Test("ES256 and EdDSA verify with their public keys, and each only its own")
    func publicKeys() async throws {
        let (curve, edwards) = (ES256PrivateKey(), try EdDSA.PrivateKey(curve: .ed25519))
        let authenticator = TokenAuthenticator(
            keys: [
                try await .es256(id: "c", key: curve.publicKey), try await .eddsa(id: "e", key: edwards.publicKey),
            ],
            now: { TokenForge.now }
        )
        let signers = JWTKeyCollection()
        await signers.add(ecdsa: curve, kid: "c").add(eddsa: edwards, kid: "e")
        for (kid, alg) in [("c", "ES256"), ("e", "EdDSA")] {
            let algorithm = try await signers.getKey(for: JWKIdentifier(string: kid))
            let token = try TokenForge.token(header: #"{"alg":"\#(alg)","kid":"\#(kid)"}"#) { try algorithm.sign($0) }
            #expect(try await authenticator.authenticate(token: token).user == "u7")
            let swapped = try TokenForge.token(header: #"{"alg":"\#(alg)","kid":"\#(kid == "c" ? "e" : "c")"}"#) {
                try algorithm.sign($0)
            }
            await #expect(throws: AuthenticationFailure.self) { try await authenticator.authenticate(token: swapped) }
            let nameless = try TokenForge.token(header: #"{"alg":"\#(alg)"}"#) { try algorithm.sign($0) }
            await #expect(throws: AuthenticationFailure.self) { try await authenticator.authenticate(token: nameless) }
        }
    }

    @Test("a key that is not known is refused; there is no fallback to another")
    func unknownKey() async throws {
        let token = try await TokenForge.hmac(header: #"{"alg":"HS256","kid":"other"}"#)
        #expect(try await failure(token) == "the token's key is not known")
    }

    @Test("a changed signature, payload or header is refused")
    func tampering() async throws {
        let parts = try await TokenForge.hmac().split(separator: ".").map(String.init)
        let payload = TokenForge.base64url(#"{"sub":"admin","exp":1750003600}"#.utf8)
        #expect(try await failure("\(parts[0]).\(payload).\(parts[2])") == "the token's signature is wrong")
        let other = try await TokenForge.hmac(secret: [UInt8](repeating: 8, count: 32))
        #expect(try await failure(other) == "the token's signature is wrong")
        #expect(try await failure("\(parts[0]).\(parts[1]).") == "the token's signature is wrong")
        #expect(try await failure("\(parts[0]).\(parts[1]).AAAA") == "the token's signature is wrong")
    }

    @Test(
        "garbage is refused",
        arguments: [
            "", ".", "..", "...", "a.b", "a.b.c.d", "§.§.§", "eyJ.eyJ.eyJ", "e30.e30.e30", "W10.W10.W10",
            "bnVsbA.e30.e30",
            "e30=.e30=.e30=", " e30.e30.e30", "a.b.c", String(repeating: ".", count: 100),
        ]
    )
    func garbage(_ token: String) async throws {
        #expect(try await failure(token) == "the token is not a well-formed JWT of at most 8 KiB")
    }

    @Test("a huge token is refused unread")
    func huge() async throws {
        let payload = #"{"sub":"u7","exp":1750003600,"name":"\#(String(repeating: "x", count: 8192))"}"#
        let token = try await TokenForge.hmac(payload: payload)
        #expect(try await failure(token) == "the token is not a well-formed JWT of at most 8 KiB")
    }

    @Test("extensions that must be understood are not")
    func critical() async throws {
        let token = try await TokenForge.hmac(header: #"{"alg":"HS256","crit":["exp"]}"#)
        #expect(try await failure(token) == "the token demands extensions that are not understood")
        let type = try await TokenForge.hmac(header: #"{"alg":"HS256","typ":"secevent+jwt"}"#)
        #expect(try await failure(type) == "the token is of another type than JWT")
    }

    @Test(
        "time: exp to the second, nbf and iat with a minute's leeway",
        arguments: [
            (#""exp":1750000001"#, nil), (#""exp":1750000000"#, "the token has expired"),
            (#""exp":1749999999"#, "the token has expired"), (#""exp":0"#, "the token's claim 'exp' is no time"),
            (#""exp":-5"#, "the token's claim 'exp' is no time"), (#""exp":1750003600,"nbf":1750000060"#, nil),
            (#""exp":1750003600,"nbf":1750000061"#, "the token is not valid yet"),
            (#""exp":1750003600,"iat":1750000060"#, nil),
            (#""exp":1750003600,"iat":1750000061"#, "the token was issued in the future"),
        ]
    )
    func time(_ claims: String, _ sentence: String?) async throws {
        #expect(try await failure(payload: #"{"sub":"u7",\#(claims)}"#) == sentence)
    }

    @Test(
        "a claim that is missing or of the wrong type is named",
        arguments: [
            (#"{"sub":"u7"}"#, "the token has no claim 'exp'"),
            (#"{"exp":1750003600}"#, "the token has no claim 'sub'"),
            (#"{"sub":7,"exp":1750003600}"#, "the token's claim 'sub' is of the wrong type"),
            (#"{"sub":"u7","exp":"1750003600"}"#, "the token's claim 'exp' is of the wrong type"),
            (#"{"sub":"u7","exp":null}"#, "the token's claim 'exp' is of the wrong type"),
            (#"{"sub":"u7","exp":1750003600,"roles":"admin"}"#, "the token's claim 'roles' is of the wrong type"),
            (#"{"sub":"u7","exp":1750003600,"rooms":[1]}"#, "the token's claim 'rooms' is of the wrong type"),
            (#"[]"#, "the token's payload is not an object"), (#"{"#, "the token's payload is not valid JSON"),
        ]
    )
    func types(_ payload: String, _ sentence: String) async throws {
        #expect(try await failure(payload: payload) == sentence)
    }

    @Test(
        "texts in claims are bounded",
        arguments: [
            (#""sub":"""#, "sub"), (#""sub":"a\u0000b""#, "sub"), (#""sub":"a\u007f""#, "sub"),
            (#""sub":"a\u0085""#, "sub"),
            (#""sub":"\#(String(repeating: "x", count: 129))""#, "sub"), (#""sub":"u","tenant":"""#, "tenant"),
            (#""sub":"u","tenant":"a:b""#, "tenant"), (#""sub":"u","tenant":"a/b""#, "tenant"),
            (#""sub":"u","tenant":"\#(String(repeating: "x", count: 65))""#, "tenant"),
            (#""sub":"u","name":"""#, "name"),
            (#""sub":"u","name":"a\nb""#, "name"), (#""sub":"u","jti":"""#, "jti"),
            (#""sub":"u","rooms":[""]"#, "rooms"),
            (#""sub":"u","rooms":["a b"]"#, "rooms"), (#""sub":"u","rooms":["t*:x"]"#, "rooms"),
            (#""sub":"u","rooms":["\#(String(repeating: "x", count: 129))"]"#, "rooms"),
        ]
    )
    func texts(_ claims: String, _ claim: String) async throws {
        let sentence = try #require(try await failure(payload: #"{\#(claims),"exp":1750003600}"#))
        #expect(sentence.hasPrefix("the token's claim '\(claim)' "))
    }

    @Test("issuer and audience count where they are demanded")
    func expectation() async throws {
        let token = try await TokenForge.hmac(payload: #"{"sub":"u","exp":1750003600,"iss":"i","aud":["x","a"]}"#)
        #expect(try await failure(token, issuer: "i", audience: "a") == nil)
        #expect(try await failure(token, issuer: "j") == "the token is not from the expected issuer")
        #expect(try await failure(token, audience: "b") == "the token is not for this audience")
        let one = try await TokenForge.hmac(payload: #"{"sub":"u","exp":1750003600,"aud":"a"}"#)
        #expect(try await failure(one, audience: "a") == nil)
        #expect(try await failure(try await TokenForge.hmac(), audience: "a") == "the token is not for this audience")
    }
}
