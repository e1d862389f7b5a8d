import Glibc
import Logging

/// TLS between what a backend reports and the handler, and between what is queued and what is sent.
extension EventLoop {
    /// A connection of a listener with TLS: nothing is sealed before the client has begun, within its time.
    func beginTLS(_ slot: SlotPointer, _ tls: TLSSession) {
        guard slot.pointee.phase == .open else { return }
        guard tls.begin() else { return close(slot, .failed(errno: ENOMEM)) }
        arm(slot, after: tls.context.configuration.handshakeTimeout)
    }

    /// Opens what came and gives it to the handler, until the handler wants no more.
    func receivedSealed(_ slot: SlotPointer, _ tls: TLSSession, _ bytes: UnsafeMutableRawBufferPointer) {
        guard let buffers = tlsBuffers, !slot.pointee.isPeerEnded else { return }
        tls.give(UnsafeRawBufferPointer(bytes))
        var isAllOpen = false
        while !isAllOpen, slot.pointee.phase == .open, !slot.pointee.isReadingPaused {
            let wasHandshaking = tls.isHandshaking
            let (count, outcome) = tls.open(into: buffers.opened)
            if wasHandshaking, tls.isEstablished { established(slot, tls) }
            if count > 0, let connection = slot.connection {
                connection.handler?.received(
                    UnsafeMutableRawBufferPointer(rebasing: buffers.opened[..<count]),
                    on: connection
                )
            }
            isAllOpen = outcome != .more
            act(on: outcome, slot, tls)
        }
        let rest = tls.takeRest()
        if !rest.isEmpty, slot.pointee.phase == .open, !slot.pointee.isPeerEnded { hold(slot, rest) }
    }

    private func act(on outcome: TLSSession.OnOpen, _ slot: SlotPointer, _ tls: TLSSession) {
        guard slot.pointee.phase == .open else { return }
        switch outcome {
        case .ended: ended(slot)
        case .failed(let failure): failed(slot, tls, failure)
        case .more, .needsMore:
            guard slot.pointee.queue.count <= TLSSession.sealedBytes + TLSSession.controlBytes else {
                return failed(slot, tls, .controlFlood)
            }
        }
    }

    private func established(_ slot: SlotPointer, _ tls: TLSSession) {
        disarm(slot)
        counters.tlsHandshakes &+= 1
        if tls.isResumed { counters.tlsResumed &+= 1 }
        // What was queued meanwhile could not be sealed.
        if !tls.clear.isEmpty, !slot.pointee.isBusy { slot.pointee.ledger.pointee.markDirty(slot) }
    }

    /// Sends what OpenSSL had to say about it, then FIN. The handler hears of it when the connection is closed.
    func failed(_ slot: SlotPointer, _ tls: TLSSession, _ failure: TLSFailure) {
        guard slot.pointee.phase == .open || slot.pointee.phase == .flushing else { return }
        tls.fail(failure)
        guard failure != .controlFlood else { return close(slot, .tls(failure)) }
        let reply = tls.context.configuration.replyToPlainHTTP
        if failure == .plainHTTP, !reply.isEmpty { reply.withUnsafeBytes { tls.emit($0) } }
        if slot.pointee.phase == .open {
            finish(slot)
        } else if slot.pointee.queue.isEmpty {
            linger(slot)
        }
    }

    func handshakeTimedOut(_ slot: SlotPointer) {
        guard let tls = slot.pointee.tls, tls.isHandshaking else { return }
        tls.fail(.timeout)
        close(slot, .tls(.timeout))
    }

    /// Fills the queue that a backend is about to send from. Costs a connection without TLS one comparison.
    @inline(__always)
    func seal(_ slot: SlotPointer) {
        if slot.pointee.tls != nil { sealWaiting(slot) }
    }

    private func sealWaiting(_ slot: SlotPointer) {
        guard let tls = slot.pointee.tls, tls.isEstablished, let buffers = tlsBuffers,
            slot.pointee.phase == .open || slot.pointee.phase == .flushing
        else { return }
        guard tls.seal(by: buffers.gathered) else { return failed(slot, tls, .takeNoted()) }
        if slot.pointee.phase == .flushing { tls.finish() }
    }

    /// The connection is over: lets go of its TLS, and counts it where that is why.
    func endTLS(_ slot: SlotPointer, _ reason: DisconnectReason) {
        guard let tls = slot.pointee.tls.take() else { return }
        if tls.isHandshaking, tls.hasInput {
            switch reason {
            case .reset, .failed: tls.fail(.disconnected)
            case .aborted, .finished, .stalled: tls.fail(.abandoned)
            case .tls, .loopStopped: break
            }
        }
        tls.dropClear()
        guard let failure = tls.failure else { return }
        counters.tlsFailures[failure, default: 0] &+= 1
        if slot.pointee.reason == .finished { slot.pointee.reason = .tls(failure) }
        configuration.logger.debug(
            "TLS ended a connection",
            metadata: ["reason": "\(failure.rawValue)", "peer": "\(slot.connection?.peer.host ?? "")"]
        )
    }
}
