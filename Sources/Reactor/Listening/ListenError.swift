import Glibc

/// Why an address cannot be listened on.
public struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    public enum Kind: Hashable, Sendable {
        /// Another process, or another listener of this one, has the port.
        case taken
        /// The process may not have the port, as with ports below 1024.
        case forbidden
        /// The host is none of this machine's addresses, or no address at all.
        case unknownHost
        /// The port is not between 0 and 65 535.
        case badPort
        /// The kernel reported this `errno`.
        case failed(errno: Int32)
    }

    /// What was wrong.
    public let kind: Kind

    /// One sentence for the operator that names host and port.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    init(errno code: Int32, host: String, port: Int) {
        switch code {
        case EADDRINUSE:
            self.init(.taken, "Port \(port) on \(host) is already in use.")
        case EACCES, EPERM:
            self.init(.forbidden, "This process may not listen on port \(port) of \(host).")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            self.init(.unknownHost, "Cannot listen on port \(port): \(host) is no address of this machine.")
        default:
            self.init(.failed(errno: code), "Cannot listen on port \(port) of \(host): \(SystemError(code: code)).")
        }
    }
}
