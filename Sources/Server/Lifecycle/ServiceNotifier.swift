import Glibc

/// Tells the service manager how the process is: one datagram a message, lines of `NAME=value`, to the socket that
/// `NOTIFY_SOCKET` names.
///
/// It waits for nobody: a manager that does not read loses the message, not the hub its time. Isolation: any thread.
/// Source: sd_notify(3), sd_watchdog_enabled(3).
public struct ServiceNotifier: Sendable {
    /// How long the manager waits for a sign of life before it ends the process; nil where it does not.
    public let watchdog: Duration?

    private let socketPath: [UInt8]

    /// Nil where no manager listens, or at a kind of address that is neither a path nor an abstract name.
    public init?(environment: [String: String], process: Int32 = getpid()) {
        guard let name = environment["NOTIFY_SOCKET"], let first = name.utf8.first else { return nil }
        var path = [UInt8](name.utf8)
        switch first {
        case UInt8(ascii: "/"): path.append(0)
        case UInt8(ascii: "@"): path[0] = 0
        default: return nil
        }
        guard path.count > 1, path.count <= ServiceNotifier.mostBytes else { return nil }
        socketPath = path
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == process } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        watchdog = isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// The hub accepts connections.
    public func ready(_ status: String) {
        send("READY=1\nSTATUS=\(status)")
    }

    /// The hub has begun to stop.
    public func stopping() {
        send("STOPPING=1\nSTATUS=Draining")
    }

    /// Sends a sign of life twice within every `watchdog`, each only after `check` has returned: a hub that does not
    /// answer itself is restarted. Ends when its task is cancelled; returns at once where nobody waits for it.
    public func keepAlive(_ check: @Sendable () async -> Void) async {
        guard let watchdog else { return }
        while !Task.isCancelled {
            await check()
            send("WATCHDOG=1")
            try? await Task.sleep(for: watchdog / 2)
        }
    }

    private static let mostBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    private func send(_ message: String) {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath) }
        let path = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        let length = socklen_t(path + socketPath.count)
        let bytes = [UInt8](message.utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, flags, $0, length)
            }
        }
    }
}
