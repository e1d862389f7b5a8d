/// The keys a hub verifies with, and the mint for its own tokens where the data folder's key is among them.
public struct KeyRing: Sendable {
    /// All keys.
    public let keys: [TokenKey]
    /// Signs with the data folder's own key; nil where only configured keys count.
    public let mint: TokenMint?

    /// The name of the generated secret in the data folder.
    public static let fileName = "hs256.key"

    /// Loads the configured keys. Where none is configured, and for the demo's log-in, the data folder's own secret
    /// counts, too, and is made at the first start; the folder must exist.
    ///
    /// Errors: the key file that cannot be used.
    public static func load(_ configuration: ServerConfiguration) async throws(TokenKeyFileError) -> KeyRing {
        var keys: [TokenKey] = []
        for reference in configuration.keys {
            keys.append(try await TokenKeyFile.load(reference))
        }
        guard configuration.keys.isEmpty || configuration.demo else { return KeyRing(keys: keys, mint: nil) }
        let path = "\(configuration.data)/\(fileName)"
        let secret = try SecretFile.readOrCreate(path)
        keys.append(try await TokenKeyFile.load(TokenKeyReference(id: TokenMint.keyID, algorithm: .hs256, path: path)))
        let mint = await TokenMint(secret: secret, issuer: configuration.issuer, audience: configuration.audience)
        return KeyRing(keys: keys, mint: mint)
    }
}
