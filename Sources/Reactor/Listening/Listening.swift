import Glibc

/// Makes the sockets that loops listen on.
public enum Listening {
    /// Connections the kernel keeps for a loop that is busy; the kernel's own limit (`somaxconn`) counts, too.
    static let backlog: Int32 = 4096

    /// One listening socket per loop, all on the same address; the kernel spreads connections over them.
    ///
    /// The first socket is bound alone, so that a port somebody else has is refused even if that one shares it.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 literal, or `localhost` (127.0.0.1). `::` takes IPv4, too.
    ///   - port: 0 to 65 535; 0 lets the kernel choose, and `address` of the result tells which.
    ///   - loops: at least 1.
    /// - Throws: `ListenError` with a sentence that names host and port.
    public static func bind(host: String, port: Int, loops: Int) throws(ListenError) -> [ListenDescriptor] {
        guard let number = UInt16(exactly: port) else {
            throw ListenError(.badPort, "Port \(port) is not between 0 and 65535.")
        }
        guard let wanted = ListenAddress(host: host, port: number) else {
            throw ListenError(.unknownHost, "Cannot listen on \"\(host)\": it is neither an IPv4 nor an IPv6 address.")
        }
        var descriptors: [Int32] = []
        do throws(ListenError) {
            descriptors.append(try bound(wanted, sharing: false, host: host, port: port))
            let chosen = PeerAddress.local(of: descriptors[0])
            if loops > 1 {
                // From here on others of the same user may share the port; nobody was in between.
                try set(SO_REUSEPORT, of: descriptors[0], host: host, port: port)
            }
            let address = ListenAddress(host: host, port: chosen.port) ?? wanted
            while descriptors.count < loops {
                descriptors.append(try bound(address, sharing: true, host: host, port: Int(chosen.port)))
            }
            for descriptor in descriptors where Glibc.listen(descriptor, backlog) != 0 {
                throw ListenError(errno: errno, host: host, port: port)
            }
            return descriptors.map { ListenDescriptor(descriptor: $0, address: chosen) }
        } catch {
            for descriptor in descriptors { Glibc.close(descriptor) }
            throw error
        }
    }

    private static func bound(
        _ address: ListenAddress,
        sharing: Bool,
        host: String,
        port: Int
    ) throws(ListenError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, Int32(IPPROTO_TCP))
        guard descriptor >= 0 else { throw ListenError(errno: errno, host: host, port: port) }
        do throws(ListenError) {
            // Connections of an earlier process in TIME_WAIT do not keep the port.
            try set(SO_REUSEADDR, of: descriptor, host: host, port: port)
            if sharing { try set(SO_REUSEPORT, of: descriptor, host: host, port: port) }
            // Accepted sockets inherit it: a turn's bytes go out at once.
            try set(TCP_NODELAY, level: Int32(IPPROTO_TCP), of: descriptor, host: host, port: port)
            if address.family == AF_INET6 {
                try set(IPV6_V6ONLY, level: Int32(IPPROTO_IPV6), to: 0, of: descriptor, host: host, port: port)
            }
            guard address.bind(descriptor) == 0 else { throw ListenError(errno: errno, host: host, port: port) }
            return descriptor
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func set(
        _ option: Int32,
        level: Int32 = SOL_SOCKET,
        to value: Int32 = 1,
        of descriptor: Int32,
        host: String,
        port: Int
    ) throws(ListenError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw ListenError(errno: errno, host: host, port: port)
        }
    }
}
