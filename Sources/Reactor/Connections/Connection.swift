/// One accepted socket: its peer, its handler, its outbound queue.
///
/// Confined to its loop. Closing happens at the end of a turn, never inside a call; after `closed` every call does nothing.
public final class Connection {
    /// Names this connection, also on other threads.
    public let id: ConnectionID

    /// The loop this connection is confined to.
    public let loop: EventLoop

    /// The other end.
    public let peer: PeerAddress

    /// Who gets the bytes; replaceable at any time, as at an upgrade. Held until after `closed`.
    public var handler: (any ConnectionHandler)?

    // Lifetime: the memory belongs to the loop's table, and `loop` keeps that alive; `isCurrent` tells whether the
    // slot still is this connection's.
    private let slot: SlotPointer

    init(loop: EventLoop, slot: SlotPointer, peer: PeerAddress) {
        self.loop = loop
        self.slot = slot
        self.peer = peer
        id = ConnectionID(loop: loop.index, generation: slot.pointee.generation, slot: slot.pointee.index)
    }

    /// The sending side as a plain value, for lists of subscribers.
    public var outlet: Outlet { Outlet(slot, generation: id.generation) }

    /// Queues a copy of the bytes; they go out at the end of the turn.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        loop.assertInLoop()
        outlet.write(bytes)
    }

    /// Queues a copy of the bytes; they go out at the end of the turn.
    public func write(_ bytes: [UInt8]) {
        loop.assertInLoop()
        outlet.write(bytes)
    }

    /// Queues the run by reference, in order with `write`.
    public func share(_ run: borrowing ByteRun) {
        loop.assertInLoop()
        outlet.share(run)
    }

    /// Whether what is written goes out through TLS; false once the connection is over.
    public var isEncrypted: Bool { isCurrent && slot.pointee.tls != nil }

    /// Bytes queued and in flight: what the kernel has not taken yet.
    public var queuedBytes: Int { outlet.queuedBytes }

    /// When the oldest byte of the queue was queued; nil where it is empty.
    public var oldestQueued: MonotonicInstant? { outlet.oldestQueued }

    /// Whether neither `finish()` nor `abort()` was called and the peer has not reset it.
    public var isOpen: Bool { outlet.isOpen }

    /// Stops `received` and `receivedEnd` until `resumeReading()`; from the peer's view the window closes.
    public func pauseReading() {
        loop.assertInLoop()
        guard isCurrent else { return }
        loop.pauseReading(slot)
    }

    /// Goes on reading; what arrived meanwhile comes first, within this turn but not inside this call.
    public func resumeReading() {
        loop.assertInLoop()
        guard isCurrent else { return }
        loop.resumeReading(slot)
    }

    /// Sends what is queued, then FIN, waits up to `lingerTimeout` (1 s) for the peer's FIN, then closes.
    ///
    /// From now on nothing can be queued, and what arrives is thrown away.
    public func finish() {
        loop.assertInLoop()
        guard isCurrent else { return }
        loop.finish(slot)
    }

    /// Drops the queue and resets the connection (RST). `closed` comes at the end of the turn.
    public func abort() {
        loop.assertInLoop()
        guard isCurrent else { return }
        loop.close(slot, .aborted)
    }

    private var isCurrent: Bool { slot.pointee.generation == id.generation }
}

@available(*, unavailable)
extension Connection: Sendable {}
