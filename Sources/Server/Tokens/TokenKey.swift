import JWTKit

/// A key that tokens are verified with: its name, its one algorithm, and the verifier made from its file.
public struct TokenKey: Sendable {
    /// What a token's `kid` calls it: 1–64 bytes of `[A-Za-z0-9_-]`.
    public let id: String
    /// The only algorithm it is used with.
    public let algorithm: TokenAlgorithm

    private let verifier: any JWTAlgorithm

    /// A key around a verifier of jwt-kit; `verifier` must be of `algorithm`.
    init(id: String, algorithm: TokenAlgorithm, verifier: any JWTAlgorithm) {
        self.id = id
        self.algorithm = algorithm
        self.verifier = verifier
    }

    /// A key from a secret of at least 32 bytes.
    public static func hs256(id: String, secret: [UInt8]) async throws -> TokenKey {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return TokenKey(id: id, algorithm: .hs256, verifier: try await keys.getKey())
    }

    /// A key from a public key on P-256.
    static func es256(id: String, key: ES256PublicKey) async throws -> TokenKey {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        return TokenKey(id: id, algorithm: .es256, verifier: try await keys.getKey())
    }

    /// A key from an Ed25519 public key.
    static func eddsa(id: String, key: EdDSA.PublicKey) async throws -> TokenKey {
        let keys = JWTKeyCollection()
        await keys.add(eddsa: key)
        return TokenKey(id: id, algorithm: .eddsa, verifier: try await keys.getKey())
    }

    /// Whether `signature` is this key's over `text`; an ill-formed signature is a wrong one.
    func verifies(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        (try? verifier.verify(signature, signs: text)) ?? false
    }
}
