/// The algorithms that a key may be pinned to. A token never chooses: its `alg` must be the one of the key that
/// its `kid` names, which leaves no room for `none` or for a public key taken as an HMAC secret.
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    /// HMAC with SHA-256 and a shared secret (RFC 7518 §3.2).
    case hs256 = "HS256"
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    case es256 = "ES256"
    /// Ed25519 (RFC 8037 §3.1).
    case eddsa = "EdDSA"
}
