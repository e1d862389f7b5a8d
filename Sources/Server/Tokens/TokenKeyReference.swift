/// Where a key is, as the setting `auth.keys` says it: `kid:ALGORITHM:FILE`.
public struct TokenKeyReference: Equatable, Sendable {
    /// The key's name.
    public let id: String
    /// The pinned algorithm.
    public let algorithm: TokenAlgorithm
    /// The file with the secret or the public key.
    public let path: String

    /// A reference to a key's file.
    public init(id: String, algorithm: TokenAlgorithm, path: String) {
        self.id = id
        self.algorithm = algorithm
        self.path = path
    }

    /// Reads one entry of `auth.keys`.
    ///
    /// Errors: what is wrong with the entry, by the name of the setting.
    public init(_ entry: String) throws(ConfigurationError) {
        let parts = entry.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty else {
            throw ConfigurationError("auth.keys", "each entry must be kid:ALGORITHM:FILE")
        }
        guard TokenKeyReference.isValid(id: parts[0].utf8) else {
            throw ConfigurationError("auth.keys", "the kid must be 1–64 bytes of A-Z, a-z, 0-9, _ and -")
        }
        guard let algorithm = TokenAlgorithm(rawValue: String(parts[1])) else {
            throw ConfigurationError("auth.keys", "the algorithm must be HS256, ES256 or EdDSA")
        }
        self.init(id: String(parts[0]), algorithm: algorithm, path: String(parts[2]))
    }

    private static func isValid(id: Substring.UTF8View) -> Bool {
        (1...64).contains(id.count)
            && id.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
