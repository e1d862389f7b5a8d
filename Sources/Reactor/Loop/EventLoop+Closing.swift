import Glibc

/// The end of connections: `finish`, `abort`, and the way to a closed descriptor.
extension EventLoop {
    func finish(_ slot: SlotPointer) {
        guard slot.pointee.phase == .open else { return }
        slot.pointee.phase = .flushing
        disarm(slot)
        dropHeld(slot)
        let isEndHeld = slot.pointee.isEndHeld
        if slot.pointee.isReadingPaused {
            slot.pointee.isReadingPaused = false
            if !isEndHeld { backend.resumeReading(slot) }
        }
        if isEndHeld {
            slot.pointee.isPeerEnded = true
            backend.endReading(slot)
        }
        slot.pointee.tls?.finish()
        guard slot.hasUnsent else {
            linger(slot)
            return
        }
        watchFlush(slot)
    }

    /// Everything is out: FIN, then the peer's, within the linger time.
    func linger(_ slot: SlotPointer) {
        slot.pointee.phase = .lingering
        disarm(slot)
        let result = shutdown(slot.pointee.descriptor, Int32(SHUT_WR))
        guard result == 0 else {
            failed(slot, errno: errno == ENOTCONN ? 0 : errno)
            return
        }
        guard !slot.pointee.isPeerEnded else {
            close(slot, .finished)
            return
        }
        arm(slot, after: configuration.lingerTimeout)
    }

    private func watchFlush(_ slot: SlotPointer) {
        slot.pointee.countAtTimer = slot.unsentBytes
        arm(slot, after: configuration.flushTimeout)
    }

    func slotTimerFired(_ index: UInt32, generation: UInt32) {
        guard let slot = table.find(index, generation: generation) else { return }
        slot.pointee.timer = nil
        switch slot.pointee.phase {
        case .lingering:
            close(slot, .finished)
        case .flushing where slot.unsentBytes < slot.pointee.countAtTimer:
            watchFlush(slot)
        case .flushing:
            close(slot, .stalled)
        case .open:
            handshakeTimedOut(slot)
        case .closing, .free:
            return
        }
    }

    /// Over: the handler hears of it at the end of the turn, the descriptor goes when the kernel has let go of it.
    func close(_ slot: SlotPointer, _ reason: DisconnectReason) {
        guard slot.pointee.phase != .closing, slot.pointee.phase != .free else { return }
        slot.pointee.phase = .closing
        slot.pointee.reason = reason
        disarm(slot)
        dropHeld(slot)
        endTLS(slot, reason)
        backend.detach(slot)
        closings.append(slot)
    }

    func deliverClosings() {
        while !closings.isEmpty {
            var batch = ContiguousArray<SlotPointer>()
            swap(&batch, &closings)
            for slot in batch {
                deliverClosed(slot)
                slot.pointee.isClosedDelivered = true
                releaseIfDone(slot)
            }
        }
    }

    private func deliverClosed(_ slot: SlotPointer) {
        counters.openConnections -= 1
        guard let connection = slot.connection else { return }
        connection.handler?.closed(connection, slot.pointee.reason)
        connection.handler = nil
    }

    /// Closes the descriptor and frees the slot, unless an operation of it is still in the kernel.
    func releaseIfDone(_ slot: SlotPointer) {
        guard slot.pointee.phase == .closing, slot.pointee.isClosedDelivered, slot.pointee.operations.isEmpty,
            slot.pointee.pendingCancels == 0
        else { return }
        slot.pointee.queue.removeAll(segments: &table.ledger.pointee.segments)
        if slot.pointee.reason.endsWithReset { resetOnClose(slot.pointee.descriptor) }
        Glibc.close(slot.pointee.descriptor)
        let owner = slot.pointee.owner.take()
        table.give(slot)
        owner?.release()
        if acceptPause.timer != nil { retryAccepting() }
    }

    /// A linger time of zero makes close(2) send RST.
    private func resetOnClose(_ descriptor: Int32) {
        var option = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
    }

    func arm(_ slot: SlotPointer, after delay: Duration) {
        let target = SlotTimer(self, generation: slot.pointee.generation)
        slot.pointee.timer = timers.arm(at: now.advanced(by: delay), target: target, tag: slot.pointee.index)
    }

    func disarm(_ slot: SlotPointer) {
        guard let timer = slot.pointee.timer.take() else { return }
        timers.cancel(timer)
    }
}

/// Calls the loop when the time of a connection's handshake or end is over. Held by the wheel, which the loop owns.
private final class SlotTimer: TimerTarget {
    private unowned let loop: EventLoop
    private let generation: UInt32

    init(_ loop: EventLoop, generation: UInt32) {
        self.loop = loop
        self.generation = generation
    }

    func timerFired(_ tag: UInt32) {
        loop.slotTimerFired(tag, generation: generation)
    }
}
