import Glibc

/// An IPv4 or IPv6 address with a port, 20 bytes; the text is made on demand.
///
/// An IPv4 address mapped into IPv6 is taken as IPv4, so a peer looks the same on a dual-stack listener.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    // Network order; an IPv4 address lies in the last four bytes of `low`.
    private let high: UInt64
    private let low: UInt64

    /// The port.
    public let port: UInt16

    /// Whether this is an IPv6 address.
    public let isIPv6: Bool

    /// Four bytes of IPv4, first byte first.
    public init(ipv4 bytes: (UInt8, UInt8, UInt8, UInt8), port: UInt16) {
        high = 0
        low = UInt64(bytes.0) << 24 | UInt64(bytes.1) << 16 | UInt64(bytes.2) << 8 | UInt64(bytes.3)
        self.port = port
        isIPv6 = false
    }

    /// The sixteen bytes of an IPv6 address as two big-endian halves.
    public init(ipv6High high: UInt64, low: UInt64, port: UInt16) {
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        self.high = high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
        self.port = port
        isIPv6 = !isMapped
    }

    /// Whether the address is of this machine's loopback interface: `127.0.0.0/8` or `::1`.
    public var isLoopback: Bool {
        isIPv6 ? high == 0 && low == 1 : low >> 24 == 127
    }

    /// The address without its port, as people write it.
    public var host: String {
        withUnsafeTemporaryAllocation(byteCount: Int(INET6_ADDRSTRLEN), alignment: 1) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            let text = base.assumingMemoryBound(to: CChar.self)
            if isIPv6 {
                var bytes = (high.bigEndian, low.bigEndian)
                guard inet_ntop(AF_INET6, &bytes, text, socklen_t(buffer.count)) != nil else { return "" }
            } else {
                var bytes = UInt32(truncatingIfNeeded: low).bigEndian
                guard inet_ntop(AF_INET, &bytes, text, socklen_t(buffer.count)) != nil else { return "" }
            }
            return String(cString: text)
        }
    }

    /// Address and port: `127.0.0.1:8080`, `[::1]:8080`.
    public var description: String {
        isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
