/// The opaque token of a lease: 128 random bits in base64url (RFC 4648 §5, no padding), 22 characters.
enum LeaseToken {
    /// A new one.
    static func mint(using generator: inout some RandomNumberGenerator) -> String {
        var bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
        var text: [UInt8] = []
        for _ in 0..<22 {
            text.append(alphabet[Int(truncatingIfNeeded: bits & 63)])
            bits >>= 6
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Compares in a time that does not depend on where they differ.
    static func equal(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
