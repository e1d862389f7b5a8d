import CTLS
import Glibc

/// TLS of one connection: opens what the peer sent, seals what is to go out.
///
/// Owns OpenSSL's state of the connection and the bytes that wait to be sealed. Knows its slot's outbound queue, into which
/// everything it says goes; knows nothing of handlers. Confined to its loop.
final class TLSSession {
    private enum Phase {
        /// Before the first byte may be sealed.
        case handshaking
        case established
        /// `close_notify` or a fatal alert has been said: nothing is sealed or opened any more.
        case over
    }

    /// What came of opening.
    enum OnOpen: Equatable {
        /// The buffer is full, and there may be more.
        case more
        /// Everything the peer sent so far is open.
        case needsMore
        /// `close_notify`: the peer will send nothing more.
        case ended
        case failed(TLSFailure)
    }

    let context: TLSContext

    /// What waits to be sealed, in the order it was queued.
    var clear = OutboundQueue()

    /// Why TLS ended the connection; set once.
    private(set) var failure: TLSFailure?

    /// Whether the peer has sent anything at all.
    private(set) var hasInput = false

    // Lifetime: the slot's memory belongs to the loop's table; the slot holds this session and lets go of it before
    // it is given to another connection.
    private let slot: SlotPointer
    /// SSL; nil until `begin`.
    private var connection: OpaquePointer?
    private var phase = Phase.handshaking
    /// The peer's bytes that OpenSSL has not taken yet; only during a call of `open`'s caller.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    /// While sealing, the queue's owner is at work already and need not be told.
    private var isSealing = false
    /// When the bytes now being sealed were queued, in nanoseconds; 0: what is said is of TLS itself.
    private var sealedSince: UInt64 = 0

    /// Largest plaintext of a record (RFC 8446 §5.1).
    static let recordBytes = 16 * 1024

    /// Sealed bytes that may wait for the kernel before sealing stops; the rest stays unsealed, where runs are shared.
    static let sealedBytes = 64 * 1024

    /// Bytes that TLS itself may have queued for a peer that does not read.
    static let controlBytes = 128 * 1024

    init(_ context: TLSContext, _ slot: SlotPointer) {
        self.context = context
        self.slot = slot
    }

    deinit {
        SSL_free(connection)
        ERR_clear_error()
    }

    /// Makes OpenSSL's state; false where there is no memory for it.
    func begin() -> Bool {
        guard let made = SSL_new(context.pointer) else { return false }
        guard let bio = TLSTransport.make(for: self) else {
            SSL_free(made)
            return false
        }
        SSL_set_bio(made, bio, bio)
        SSL_set_accept_state(made)
        connection = made
        return true
    }

    var isHandshaking: Bool { phase == .handshaking }

    var isEstablished: Bool { phase == .established }

    /// Whether the peer came back with a ticket. Once established.
    var isResumed: Bool { SSL_session_reused(connection) == 1 }

    // MARK: Opening

    /// Gives the peer's bytes; they are the session's until `takeRest`.
    func give(_ bytes: UnsafeRawBufferPointer) {
        input = bytes
        hasInput = true
    }

    /// What OpenSSL has not taken. The session forgets it.
    func takeRest() -> UnsafeRawBufferPointer {
        defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
        return input
    }

    /// Opens into the buffer, which has room for at least one record, and carries the handshake on.
    func open(into buffer: UnsafeMutableRawBufferPointer) -> (count: Int, OnOpen) {
        var count = 0
        // Only with room for a whole record: thus nothing that is open ever stays inside OpenSSL.
        while buffer.count - count >= TLSSession.recordBytes {
            guard phase != .over else { return (count, .needsMore) }
            ERR_clear_error()
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let result = SSL_read(connection, room.baseAddress, Int32(clamping: room.count))
            if phase == .handshaking, SSL_is_init_finished(connection) == 1 { phase = .established }
            guard result <= 0 else {
                count += Int(result)
                continue
            }
            switch SSL_get_error(connection, result) {
            case SSL_ERROR_WANT_READ: return (count, .needsMore)
            case SSL_ERROR_ZERO_RETURN: return (count, .ended)
            default: return (count, .failed(.takeNoted()))
            }
        }
        return (count, .more)
    }

    func takeInput(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, input.count)
        guard count > 0 else { return 0 }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    // MARK: Sealing

    /// Seals what waits, until the slot's queue holds enough for the kernel. False where OpenSSL refuses.
    func seal(by scratch: UnsafeMutableRawBufferPointer) -> Bool {
        isSealing = true
        defer { isSealing = false }
        let ledger = slot.pointee.ledger
        while phase == .established, !clear.isEmpty, slot.pointee.queue.count < TLSSession.sealedBytes {
            sealedSince = clear.oldest ?? 0
            defer { sealedSince = 0 }
            let piece = clear.front(atMost: TLSSession.recordBytes, gatheringInto: scratch)
            ERR_clear_error()
            guard SSL_write(connection, piece.baseAddress, Int32(piece.count)) == Int32(piece.count) else {
                return false
            }
            clear.consume(piece.count, segments: &ledger.pointee.segments)
        }
        return true
    }

    func emit(_ bytes: UnsafeRawBufferPointer) {
        let ledger = slot.pointee.ledger
        let time = sealedSince == 0 ? ledger.pointee.now : sealedSince
        slot.pointee.queue.append(copying: bytes, at: time, segments: &ledger.pointee.segments)
        if !isSealing, !slot.pointee.isBusy { ledger.pointee.markDirty(slot) }
    }

    // MARK: The end

    /// Says `close_notify` where everything is sealed; before the handshake is over there is nobody to say it to, and
    /// what waits can never be sealed.
    func finish() {
        switch phase {
        case .handshaking:
            dropClear()
            phase = .over
            if failure == nil, hasInput { failure = .abandoned }
        case .established where clear.isEmpty:
            phase = .over
            ERR_clear_error()
            // 0: said, and the peer's is not waited for.
            _ = SSL_shutdown(connection)
        case .established, .over: return
        }
    }

    /// Nothing more is sealed or opened.
    func fail(_ failure: TLSFailure) {
        if self.failure == nil { self.failure = failure }
        phase = .over
        dropClear()
    }

    func dropClear() {
        clear.removeAll(segments: &slot.pointee.ledger.pointee.segments)
    }
}

@available(*, unavailable)
extension TLSSession: Sendable {}
