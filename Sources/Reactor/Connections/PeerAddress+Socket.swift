import Glibc

/// The kernel's form of an address.
extension PeerAddress {
    static let unknown = PeerAddress(ipv4: (0, 0, 0, 0), port: 0)

    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                let value = UInt32(bigEndian: address.sin_addr.s_addr)
                let port = UInt16(bigEndian: address.sin_port)
                return PeerAddress(ipv6High: 0, low: 0xFFFF_0000_0000 | UInt64(value), port: port)
            case AF_INET6:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                let (high, low) = withUnsafeBytes(of: address.sin6_addr) {
                    ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                }
                let port = UInt16(bigEndian: address.sin6_port)
                return PeerAddress(ipv6High: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: port)
            default:
                return .unknown
            }
        }
    }

    static func peer(of descriptor: Int32) -> PeerAddress {
        read { getpeername(descriptor, $0, $1) }
    }

    static func local(of descriptor: Int32) -> PeerAddress {
        read { getsockname(descriptor, $0, $1) }
    }

    private static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> PeerAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        return result == 0 ? PeerAddress(storage) : .unknown
    }
}
