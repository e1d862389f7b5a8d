import Synchronization

/// A listener's TLS: the certificate that new connections get, which may be replaced while connections are open.
///
/// Isolation: any thread; one lock for a moment at each accept.
public final class TLSEndpoint: Sendable {
    /// The files that are read at each `reload()`.
    public let configuration: TLSConfiguration

    private let tickets = TLSTicketKeys()
    private let current: Mutex<TLSContext>

    /// Reads certificate and key.
    ///
    /// Errors: the file that cannot be used, and why.
    public init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        current = Mutex(try TLSContext(configuration, tickets: tickets))
    }

    /// Reads both files again. Connections accepted from now on get the new certificate, those that are open keep
    /// theirs; tickets stay good. Where the files cannot be used, everything stays as it is.
    ///
    /// Reads files, so not on a loop. Errors: the file that cannot be used, and why.
    public func reload() throws(TLSError) {
        let next = try TLSContext(configuration, tickets: tickets)
        current.withLock { $0 = next }
    }

    /// When the certificate in use ends, in seconds since 1970.
    public var certificateExpiry: Int64 {
        context().expiry
    }

    /// Whether people beside its owner and its group may read the key's file, or the group may change it.
    public var isKeyTooOpen: Bool {
        TLSFile.isTooOpen(configuration.key)
    }

    func context() -> TLSContext {
        current.withLock { $0 }
    }
}
