/// The I/O state of one connection, in plain memory of its loop's table.
///
/// A slot is in use from accept until the last kernel operation on its descriptor has completed; only then is the
/// descriptor closed, the generation counted up and the slot given to somebody else. Confined to its loop.
struct ConnectionSlot {
    enum Phase: UInt8 {
        case free
        case open
        /// `finish()` was called: what is queued goes out.
        case flushing
        /// FIN went out: waits for the peer's, throwing its bytes away.
        case lingering
        /// Over for the handler; waits for the kernel to let go of it.
        case closing
    }

    /// Operations the kernel holds of this descriptor (io_uring).
    struct Operations: OptionSet {
        let rawValue: UInt8
        static let receive = Operations(rawValue: 1)
        static let send = Operations(rawValue: 2)
        static let hangUp = Operations(rawValue: 4)
    }

    let index: UInt32
    let ledger: LedgerPointer
    var generation: UInt32 = 1
    var descriptor: Int32 = -1

    /// Holds one reference while the slot is in use.
    var owner: Unmanaged<Connection>?

    /// What the kernel gets. With TLS these are sealed bytes.
    var queue = OutboundQueue()

    /// Nil without TLS, and once the connection is over.
    var tls: TLSSession?

    var nextDirty: SlotPointer?

    /// The turn that last queued something while it is to be sent for.
    var dirtyAt: UInt64 = 0

    /// Bytes that came after reading was paused; one reference.
    var held: RunPointer?

    /// Handshake, flush or linger timer.
    var timer: TimerHandle?

    /// The length of the queue when the flush timer was set.
    var countAtTimer = 0

    var reason = DisconnectReason.aborted

    /// Readiness the descriptor is registered for (epoll).
    var interest: UInt32 = 0

    var phase = Phase.free
    var operations: Operations = []
    var pendingCancels: UInt8 = 0
    var isDirty = false

    /// The kernel can take nothing now: a send is in flight, or the socket's buffer is full.
    var isBusy = false
    var isAboveHighWater = false
    var isReadingPaused = false
    var isReceiveCancelled = false
    /// A reset was seen by other means than reading.
    var isBroken = false
    var isPeerEnded = false
    /// The peer's FIN came while reading was paused.
    var isEndHeld = false
    var isClosedDelivered = false
    var isResumptionDue = false

    init(index: UInt32, ledger: LedgerPointer) {
        self.index = index
        self.ledger = ledger
    }

    /// A new connection moves in. `isDirty` and `nextDirty` stay: the slot may still be on this turn's list.
    mutating func open(_ descriptor: Int32) {
        var fresh = ConnectionSlot(index: index, ledger: ledger)
        fresh.generation = generation
        fresh.descriptor = descriptor
        fresh.phase = .open
        fresh.isDirty = isDirty
        fresh.nextDirty = nextDirty
        fresh.dirtyAt = dirtyAt
        self = fresh
    }
}

typealias SlotPointer = UnsafeMutablePointer<ConnectionSlot>

extension UnsafeMutablePointer<ConnectionSlot> {
    var connection: Connection? { pointee.owner?.takeUnretainedValue() }

    /// Bytes the kernel has not taken yet, sealed or not.
    @inline(__always)
    var unsentBytes: Int {
        pointee.tls == nil ? pointee.queue.count : pointee.queue.count + clearBytes
    }

    /// Whether there is something to send at this time: what waits for a handshake is not.
    @inline(__always)
    var hasUnsent: Bool {
        !pointee.queue.isEmpty || (pointee.tls != nil && hasClear)
    }

    private var clearBytes: Int { pointee.tls?.clear.count ?? 0 }

    private var hasClear: Bool {
        guard let tls = pointee.tls else { return false }
        return tls.isEstablished && !tls.clear.isEmpty
    }

    /// Takes over one reference of the run.
    @inline(__always)
    func enqueue(_ run: RunPointer) {
        let ledger = pointee.ledger
        if pointee.tls == nil {
            pointee.queue.append(run, at: ledger.pointee.now, segments: &ledger.pointee.segments)
        } else {
            pointee.tls?.clear.append(run, at: ledger.pointee.now, segments: &ledger.pointee.segments)
        }
        enqueued()
    }

    func enqueue(copying bytes: UnsafeRawBufferPointer) {
        let ledger = pointee.ledger
        if pointee.tls == nil {
            pointee.queue.append(copying: bytes, at: ledger.pointee.now, segments: &ledger.pointee.segments)
        } else {
            pointee.tls?.clear.append(copying: bytes, at: ledger.pointee.now, segments: &ledger.pointee.segments)
        }
        enqueued()
    }

    /// When the oldest byte was queued; what is sealed is older than what is not.
    var oldestUnsent: UInt64? {
        pointee.queue.oldest ?? pointee.tls?.clear.oldest
    }

    @inline(__always)
    private func enqueued() {
        let ledger = pointee.ledger
        if unsentBytes > ledger.pointee.highWater { pointee.isAboveHighWater = true }
        if !pointee.isBusy { ledger.pointee.markDirty(self) }
    }
}
