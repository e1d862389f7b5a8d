/// What one loop has done since its start. A plain copy: read it on the loop, send it anywhere.
public struct LoopStatistics: Sendable {
    /// Turns of the loop.
    public internal(set) var turns: UInt64 = 0

    /// How long the turns took.
    public internal(set) var turnTimes = TurnTimeHistogram()

    /// Bytes received from peers.
    public internal(set) var bytesIn: UInt64 = 0

    /// Bytes the kernel took over for peers.
    public internal(set) var bytesOut: UInt64 = 0

    /// Receives that brought bytes.
    public internal(set) var receives: UInt64 = 0

    /// Sends that the kernel took bytes of.
    public internal(set) var sends: UInt64 = 0

    /// Times a busy loop held its sends back so that more could join them.
    public internal(set) var heldSends: UInt64 = 0

    /// Sends that this spared.
    public internal(set) var sparedSends: UInt64 = 0

    /// Connections accepted, refused ones included.
    public internal(set) var accepts: UInt64 = 0

    /// Connections closed at once because the accept closure gave no handler.
    public internal(set) var refusedAccepts: UInt64 = 0

    /// Times accepting was paused because descriptors or memory ran out.
    public internal(set) var acceptPauses: UInt64 = 0

    /// Times another thread woke the loop from its sleep.
    public internal(set) var wakeUps: UInt64 = 0

    /// TLS handshakes that were completed, resumed ones included.
    public internal(set) var tlsHandshakes: UInt64 = 0

    /// TLS handshakes that took up an earlier session.
    public internal(set) var tlsResumed: UInt64 = 0

    /// Connections that TLS ended, by reason.
    public internal(set) var tlsFailures: [TLSFailure: UInt64] = [:]

    /// Connections whose `closed` has not been called yet.
    public internal(set) var openConnections: Int = 0

    /// Nothing yet.
    public init() {}
}
