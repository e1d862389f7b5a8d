import Foundation
import JWTKit
import Testing

@testable import HubServer

@Suite("Key files")
struct TokenKeyFileTests {
    private func complaint(_ algorithm: TokenAlgorithm, _ path: String) async -> String? {
        do throws(TokenKeyFileError) {
            _ = try await TokenKeyFile.load(TokenKeyReference(id: "k", algorithm: algorithm, path: path))
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test("a secret is made once, for its owner only, and read again")
    func secret() throws {
        try TemporaryFolder.with { folder in
            let path = folder.path("hs256.key")
            let made = try SecretFile.readOrCreate(path)
            #expect(made.count == 32)
            #expect(try SecretFile.readOrCreate(path) == made)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.root) == ["hs256.key"])
        }
    }

    @Test("a secret that others may read is refused", arguments: [0o640, 0o604, 0o660, 0o610, 0o601])
    func readable(_ mode: Int) throws {
        try TemporaryFolder.with { folder in
            let path = try folder.write("k", TokenForge.secret, mode: mode)
            let error = #expect(throws: TokenKeyFileError.self) { try SecretFile.read(path) }
            #expect(error?.sentence.hasPrefix("can be read by others") == true)
            #expect(throws: TokenKeyFileError.self) { try SecretFile.readOrCreate(path) }
        }
    }

    @Test("a secret that is short, long, missing or no file is refused")
    func unfit() async throws {
        try await TemporaryFolder.with { folder in
            let short = try folder.write("short", [UInt8](repeating: 1, count: 31))
            #expect(await complaint(.hs256, short) == "must hold between 32 and 4095 bytes")
            let long = try folder.write("long", [UInt8](repeating: 1, count: 4096))
            #expect(await complaint(.hs256, long) == "must hold between 32 and 4095 bytes")
            #expect(await complaint(.hs256, folder.path("none"))?.hasPrefix("cannot be read") == true)
            #expect(await complaint(.hs256, folder.root) == "is not a plain file")
            #expect(throws: TokenKeyFileError.self) { try SecretFile.readOrCreate(folder.path("no/such/folder")) }
        }
    }

    @Test("public keys come as PEM or as JWK")
    func publicKeys() async throws {
        let (curve, edwards) = (ES256PrivateKey(), try EdDSA.PrivateKey(curve: .ed25519))
        let point = try #require(curve.publicKey.parameters)
        func url(_ text: String) -> String {
            text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let x = TokenForge.base64url(edwards.publicKey.rawRepresentation)
        let curveJWK = #"{"kty":"EC","crv":"P-256","x":"\#(url(point.x))","y":"\#(url(point.y))"}"#
        let edwardsJWK = #" {"kty":"OKP","crv":"Ed25519","x":"\#(x)"}"#
        try await TemporaryFolder.with { folder in
            let files: [(TokenAlgorithm, String)] = [
                (.es256, curve.publicKey.pemRepresentation), (.es256, curveJWK),
                (.eddsa, edwards.publicKey.pemRepresentation), (.eddsa, edwardsJWK),
            ]
            for (index, (algorithm, text)) in files.enumerated() {
                let path = try folder.write("key\(index)", [UInt8](text.utf8), mode: 0o644)
                #expect(await complaint(algorithm, path) == nil)
                let other: TokenAlgorithm = algorithm == .es256 ? .eddsa : .es256
                #expect(await complaint(other, path) == "holds no public key for \(other.rawValue) as PEM or JWK")
            }
            let garbage = try folder.write("garbage", [UInt8]("{".utf8))
            #expect(await complaint(.es256, garbage) == "holds no public key for ES256 as PEM or JWK")
            #expect(await complaint(.es256, folder.path("none")) == "cannot be read")
        }
    }

    @Test("without configured keys the folder's own counts; with them only for the demo")
    func ring() async throws {
        try await TemporaryFolder.with { folder in
            let pem = try folder.write("p.pem", [UInt8](ES256PrivateKey().publicKey.pemRepresentation.utf8))
            func ring(_ flags: [String: SettingValue]) async throws -> KeyRing {
                let flags = flags.merging(["data": .text(folder.root)]) { first, _ in first }
                let values = try SettingsResolver.resolve(flags: flags, environment: [:], file: nil)
                return try await KeyRing.load(try ServerConfiguration(values))
            }
            let configured = SettingValue.list(["main:ES256:\(pem)"])
            let pure = try await ring(["auth.keys": configured])
            #expect(pure.keys.map(\.id) == ["main"])
            #expect(pure.mint == nil)
            #expect(!FileManager.default.fileExists(atPath: folder.path("hs256.key")))
            #expect(try await ring([:]).keys.map(\.id) == ["local"])
            let demo = try await ring(["auth.keys": configured, "demo": .flag(true)])
            #expect(demo.keys.map(\.id) == ["main", "local"])
            #expect(demo.mint != nil)
        }
    }
}
