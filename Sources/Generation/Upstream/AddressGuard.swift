/// Which addresses a request may go to: public ones, and of the others those that were configured.
///
/// Not public are the ranges of the IANA special-purpose registries that are not globally reachable, and addresses that carry
/// such an IPv4 address inside (mapped, compatible, NAT64, 6to4). RFC 6890, RFC 4291, RFC 6052, RFC 3056.
public struct AddressGuard: Sendable, Equatable {
    private let isOpen: Bool
    private let allowed: [AddressRange]

    /// Public addresses alone.
    public static let publicOnly = AddressGuard(isOpen: false, allowed: [])
    /// Every address.
    public static let open = AddressGuard(isOpen: true, allowed: [])

    /// Public addresses, and those in these ranges.
    public static func allowing(_ ranges: [AddressRange]) -> AddressGuard {
        AddressGuard(isOpen: false, allowed: ranges)
    }

    private init(isOpen: Bool, allowed: [AddressRange]) {
        self.isOpen = isOpen
        self.allowed = allowed
    }

    /// Whether a request may go to the address, 4 or 16 bytes in network order.
    func allows(_ address: [UInt8]) -> Bool {
        isOpen || AddressGuard.isPublic(address) || allowed.contains { $0.holds(address) }
    }

    static func isPublic(_ address: [UInt8]) -> Bool {
        switch address.count {
        case 4: !special4.contains { $0.holds(address) }
        case 16: isPublic6(address)
        default: false
        }
    }

    private static func isPublic6(_ address: [UInt8]) -> Bool {
        if special6.contains(where: { $0.holds(address) }) { return false }
        for (range, position) in embedding where range.holds(address) {
            return isPublic(Array(address[position..<(position + 4)]))
        }
        return true
    }

    private static let special4: [AddressRange] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
        ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24),
        ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ].map { AddressRange($0, $1, length: 4) }

    private static let special6: [AddressRange] = [
        ([0x01, 0x00], 64), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x20, 0x01, 0x00], 23), ([0x3f, 0xff], 20),
        ([0x5f, 0x00], 16), ([0xfc], 7), ([0xfe, 0x80], 10), ([0xfe, 0xc0], 10), ([0xff], 8),
        ([0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48),
    ].map { AddressRange($0, $1, length: 16) }

    /// Ranges whose addresses hold an IPv4 address, and where.
    private static let embedding: [(AddressRange, Int)] = [
        (AddressRange([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96, length: 16), 12),
        (AddressRange([], 96, length: 16), 12),
        (AddressRange([0x00, 0x64, 0xff, 0x9b], 96, length: 16), 12),
        (AddressRange([0x20, 0x02], 16, length: 16), 2),
    ]
}
