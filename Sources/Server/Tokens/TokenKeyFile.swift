import Foundation
import JWTKit

/// Reads keys from files: a secret as its bytes are, a public key as PEM or as one JWK.
public enum TokenKeyFile {
    /// The key that a reference points to.
    ///
    /// Errors: a file that is missing, readable by others (secrets only), too short, or no key of the algorithm.
    public static func load(_ reference: TokenKeyReference) async throws(TokenKeyFileError) -> TokenKey {
        let bytes: [UInt8] =
            switch reference.algorithm {
            case .hs256: try SecretFile.read(reference.path)
            case .es256, .eddsa: try publicText(reference.path)
            }
        do {
            switch reference.algorithm {
            case .hs256:
                return try await .hs256(id: reference.id, secret: bytes)
            case .es256:
                return try await .es256(id: reference.id, key: try es256(bytes))
            case .eddsa:
                return try await .eddsa(id: reference.id, key: try eddsa(bytes))
            }
        } catch {
            throw TokenKeyFileError(
                reference.path,
                "holds no public key for \(reference.algorithm.rawValue) as PEM or JWK"
            )
        }
    }

    private static func publicText(_ path: String) throws(TokenKeyFileError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TokenKeyFileError(path, "cannot be read")
        }
        return [UInt8](data)
    }

    private static func es256(_ bytes: [UInt8]) throws -> ES256PublicKey {
        guard let jwk = try jwk(bytes) else { return try ES256PublicKey(pem: bytes) }
        guard jwk.curve == .ecdsa(.p256), let x = jwk.x, let y = jwk.y else { throw WrongKey() }
        return try ES256PublicKey(parameters: (x, y))
    }

    private static func eddsa(_ bytes: [UInt8]) throws -> EdDSA.PublicKey {
        guard let jwk = try jwk(bytes) else { return try EdDSA.PublicKey(pem: String(decoding: bytes, as: UTF8.self)) }
        guard jwk.curve == .eddsa(.ed25519), let x = jwk.x else { throw WrongKey() }
        return try EdDSA.PublicKey(x: x, curve: .ed25519)
    }

    private static func jwk(_ bytes: [UInt8]) throws -> JWK? {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return nil }
        return try JWK(json: String(decoding: bytes, as: UTF8.self))
    }

    private struct WrongKey: Error {}
}

/// Why a key cannot be used; the executable prints it and exits with 1.
public struct TokenKeyFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it, as a sentence that begins behind the path.
    public let sentence: String

    init(_ path: String, _ sentence: String) {
        self.path = path
        self.sentence = sentence
    }

    /// Path and sentence, as shown to the operator.
    public var description: String {
        "key file \(path) \(sentence)"
    }
}
