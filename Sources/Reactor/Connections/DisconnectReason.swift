/// Why a connection was closed.
public enum DisconnectReason: Hashable, Sendable {
    /// `finish()` was called and everything queued went out, followed by FIN.
    case finished

    /// `abort()` was called.
    case aborted

    /// The peer reset the connection, or closed it while bytes for it were on their way.
    case reset

    /// The peer took nothing of the queue for `ReactorConfiguration.flushTimeout` after `finish()`.
    case stalled

    /// The loop was stopped.
    case loopStopped

    /// The kernel reported this `errno`, such as `ETIMEDOUT`.
    case failed(errno: Int32)

    /// TLS ended it: the handshake failed, or what came afterwards was no TLS.
    case tls(TLSFailure)

    /// Whether the peer is to see RST: unless everything for it went out, or nothing more can.
    var endsWithReset: Bool {
        switch self {
        case .finished, .tls: false
        case .aborted, .reset, .stalled, .loopStopped, .failed: true
        }
    }
}
