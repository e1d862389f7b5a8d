import Glibc

extension AddressGuard {
    /// Whether a request may go to a socket address; families other than IPv4 and IPv6 are for everything allowed only.
    func allows(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let bytes = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
            return allows(withUnsafeBytes(of: bytes) { [UInt8]($0) })
        case AF_INET6:
            let bytes = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return allows(withUnsafeBytes(of: bytes) { [UInt8]($0) })
        default: return allows([])
        }
    }

    /// Whether a request may go to a numeric address; a text that is none counts as not public.
    func allows(numeric text: String) -> Bool {
        allows(AddressRange.bytes(of: text) ?? [])
    }
}
