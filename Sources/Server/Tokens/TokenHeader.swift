import Foundation

/// The three parts of a compact JWS (RFC 7515 §7.1) and its header, before anything is believed.
///
/// Stricter than base64url decoders tend to be: only the alphabet's characters, no padding, exactly two dots.
struct CompactToken {
    /// Longer tokens are not looked at.
    static let mostBytes = 8 * 1024

    let header: TokenHeader
    /// What the signature covers.
    let signed: [UInt8]
    let payload: Data
    let signature: [UInt8]

    init?(_ token: String) {
        let bytes = [UInt8](token.utf8)
        guard bytes.count <= CompactToken.mostBytes else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3,
            let headerData = CompactToken.decoded(parts[0]),
            let payload = CompactToken.decoded(parts[1]),
            let signature = CompactToken.decoded(parts[2]),
            let header = try? JSONDecoder().decode(TokenHeader.self, from: headerData)
        else { return nil }
        self.header = header
        self.payload = payload
        self.signature = [UInt8](signature)
        signed = Array(bytes.prefix(bytes.count - parts[2].count - 1))
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> Data? {
        var text = Data(capacity: part.count + 3)
        for byte in part {
            switch byte {
            case UInt8(ascii: "-"): text.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): text.append(UInt8(ascii: "/"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            default: return nil
            }
        }
        while text.count % 4 != 0 {
            text.append(UInt8(ascii: "="))
        }
        return Data(base64Encoded: text)
    }
}

/// The header fields that matter (RFC 7515 §4.1).
struct TokenHeader: Decodable {
    let alg: String
    let kid: String?
    let typ: String?
    let crit: [String]?
}
