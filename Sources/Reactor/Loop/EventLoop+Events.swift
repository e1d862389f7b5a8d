import Glibc
import Logging

/// What a backend reports.
extension EventLoop {
    /// The listener's socket has a new connection; the descriptor is the loop's to close.
    func accepted(_ descriptor: Int32, index: Int) {
        counters.accepts &+= 1
        guard !isStopping, listeners.indices.contains(index), let accept = listeners[index].accept,
            let slot = table.take()
        else {
            Glibc.close(descriptor)
            return
        }
        slot.pointee.open(descriptor)
        slot.pointee.tls = listeners[index].tls.map { TLSSession($0.context(), slot) }
        let connection = Connection(loop: self, slot: slot, peer: .peer(of: descriptor))
        slot.pointee.owner = .passRetained(connection)
        counters.openConnections += 1
        connection.handler = accept(connection)
        guard connection.handler != nil else {
            counters.refusedAccepts &+= 1
            close(slot, .aborted)
            return
        }
        if let tls = slot.pointee.tls { beginTLS(slot, tls) }
        guard slot.pointee.phase != .closing else { return }
        if !backend.attach(slot) { close(slot, .failed(errno: errno)) }
    }

    func received(_ slot: SlotPointer, _ bytes: UnsafeMutableRawBufferPointer) {
        counters.receives &+= 1
        counters.bytesIn &+= UInt64(bytes.count)
        guard slot.pointee.phase == .open else { return }
        if slot.pointee.isReadingPaused || slot.pointee.held != nil {
            hold(slot, UnsafeRawBufferPointer(bytes))
        } else {
            deliver(bytes, to: slot)
        }
    }

    func deliver(_ bytes: UnsafeMutableRawBufferPointer, to slot: SlotPointer) {
        if let tls = slot.pointee.tls {
            receivedSealed(slot, tls, bytes)
        } else if let connection = slot.connection {
            connection.handler?.received(bytes, on: connection)
        }
    }

    /// FIN, or the end of what the peer says through TLS. A FIN without the latter is taken for it: both HTTP and
    /// WebSocket tell a message that was cut short from a whole one.
    func ended(_ slot: SlotPointer) {
        guard !slot.pointee.isPeerEnded, slot.pointee.phase != .closing else { return }
        let isHeld = slot.pointee.isReadingPaused || slot.pointee.held != nil
        if slot.pointee.phase == .open, isHeld {
            slot.pointee.isEndHeld = true
            return
        }
        slot.pointee.isPeerEnded = true
        backend.endReading(slot)
        switch slot.pointee.phase {
        case .open:
            if let tls = slot.pointee.tls, tls.isHandshaking {
                // A look at whether the port is open is no failure.
                return tls.hasInput ? failed(slot, tls, .disconnected) : finish(slot)
            }
            guard let connection = slot.connection else { return }
            connection.handler?.receivedEnd(on: connection)
        case .lingering:
            close(slot, .finished)
        case .flushing, .closing, .free:
            return
        }
    }

    func failed(_ slot: SlotPointer, errno code: Int32) {
        let isReset = code == ECONNRESET || code == EPIPE || code == 0
        close(slot, isReset ? .reset : .failed(errno: code))
    }

    /// The kernel has taken bytes from the front of the queue.
    @inline(__always)
    func sent(_ slot: SlotPointer, _ count: Int, ledger: LedgerPointer) {
        ledger.pointee.sends &+= 1
        ledger.pointee.bytesOut &+= UInt64(truncatingIfNeeded: count)
        slot.pointee.queue.consume(count, segments: &ledger.pointee.segments)
        if slot.pointee.isAboveHighWater, slot.unsentBytes <= ledger.pointee.lowWater { fellToLowWater(slot) }
        guard !slot.hasUnsent else { return }
        if slot.pointee.phase == .flushing { linger(slot) }
    }

    private func fellToLowWater(_ slot: SlotPointer) {
        slot.pointee.isAboveHighWater = false
        guard slot.pointee.phase == .open, let connection = slot.connection else { return }
        owesHooks = true
        connection.handler?.drained(connection)
    }

    /// Accepting failed; where resources ran out the backend has stopped it until `startAccepting`.
    func acceptFailed(errno code: Int32) {
        counters.acceptPauses &+= 1
        guard acceptPause.timer == nil else { return }
        if acceptPause.isToBeLogged(at: now) {
            configuration.logger.warning(
                "accepting is paused: the process has run out of descriptors or memory",
                metadata: ["loop": "\(index)", "error": "\(SystemError(code: code))"]
            )
        }
        acceptPause.timer = timers.arm(
            at: now.advanced(by: configuration.acceptPause),
            target: AcceptRetry(self),
            tag: 0
        )
    }

    func retryAccepting() {
        guard let timer = acceptPause.timer else { return }
        timers.cancel(timer)
        acceptPause.timer = nil
        for index in listeners.indices where listeners[index].accept != nil {
            backend.startAccepting(on: listeners[index].descriptor, index: index)
        }
    }

    func woken() {
        counters.wakeUps &+= 1
    }
}
