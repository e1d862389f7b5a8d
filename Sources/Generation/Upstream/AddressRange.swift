import Glibc

/// A range of addresses such as `10.0.0.0/8`, or a single one; IPv4 or IPv6.
public struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int

    /// From its text; nil where that is no address or range. Bits behind the length do not count.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = AddressRange.bytes(of: String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self.init(bytes, bytes.count * 8)
            return
        }
        guard let bits = Int(parts[1]), 0...(bytes.count * 8) ~= bits else { return nil }
        self.init(bytes, bits)
    }

    /// The range of addresses of `length` bytes whose first bits are those of `bytes`, zeros behind them.
    init(_ bytes: [UInt8], _ bits: Int, length: Int? = nil) {
        self.bytes = bytes + [UInt8](repeating: 0, count: max(0, (length ?? bytes.count) - bytes.count))
        self.bits = bits
    }

    func holds(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        for index in 0..<((bits + 7) / 8) {
            let left = bits - 8 * index
            let mask: UInt8 = left >= 8 ? 0xff : ~(0xff >> UInt8(left))
            if address[index] & mask != bytes[index] & mask { return false }
        }
        return true
    }

    /// The bytes of a numeric address in network order, a scope left out; nil for other texts.
    static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { [UInt8]($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &six) == 1 {
            return withUnsafeBytes(of: six) { [UInt8]($0) }
        }
        return nil
    }
}
