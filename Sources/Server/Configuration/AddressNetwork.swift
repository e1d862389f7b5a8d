import Glibc

/// An address or network of the setting `trusted_proxies`: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
public struct AddressNetwork: Hashable, Sendable {
    /// 4 or 16 bytes in network order.
    public let bytes: [UInt8]
    /// How many leading bits must agree.
    public let prefix: Int

    /// Reads an address or a network; nil for what is none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = AddressNetwork.bytes(of: String(parts[0])) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard let stated = Int(parts[1]), (0...prefix).contains(stated), parts[1].first != "+" else { return nil }
            prefix = stated
        }
        self.bytes = bytes
        self.prefix = prefix
    }

    /// Whether an address lies in the network; IPv4 addresses mapped into IPv6 count as IPv4.
    public func contains(_ address: [UInt8]) -> Bool {
        let address = AddressNetwork.unmapped(address)
        guard address.count == bytes.count else { return false }
        let whole = prefix / 8
        guard address.prefix(whole) == bytes.prefix(whole) else { return false }
        let rest = prefix % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return address[whole] & mask == bytes[whole] & mask
    }

    /// The bytes of an IPv4 or IPv6 literal in network order; nil for what is none.
    public static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            return withUnsafeBytes(of: four) { [UInt8]($0) }
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return unmapped(withUnsafeBytes(of: six) { [UInt8]($0) })
    }

    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        guard address.count == 16, address.prefix(10).allSatisfy({ $0 == 0 }), address[10] == 0xFF, address[11] == 0xFF
        else { return address }
        return Array(address[12...])
    }
}
