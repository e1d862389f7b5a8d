import CUring
import Glibc
import Logging

/// Completions by io_uring: multishot accept and receive, and one system call a turn that carries all sends, all
/// re-arms and the wait.
///
/// Owns the ring and its receive buffers. Of a connection the kernel holds at most one receive, one send and one watch for
/// a hang-up; the slot counts them and outlives them.
final class UringBackend: Backend {
    var kind: BackendKind { .io_uring }

    let ring: UringRing
    private let buffers: ReceiveBuffers
    private let vectors = SendVectors()
    private let wakeDescriptor: Int32
    private let wakeCount = WakeCount()
    /// Listeners whose accept is armed.
    private var accepting: Set<Int> = []

    private static let longestSend = 1 << 30

    init(_ configuration: ReactorConfiguration, signal: LoopSignal) throws(ReactorError) {
        do throws(SystemError) {
            ring = try UringRing(entries: configuration.submissionQueueEntries)
            buffers = try ReceiveBuffers(
                size: configuration.receiveBufferSize,
                count: configuration.receiveBufferCount,
                in: ring
            )
        } catch {
            throw ReactorError("No io_uring for a loop: \(error).")
        }
        wakeDescriptor = signal.descriptor
        awaitWake()
    }

    func shutDown() {
        // The connections' operations have ended; what is left, the wake-up read, goes with the ring.
        ring.close()
    }

    // MARK: A turn

    func wait(nanoseconds: Int64?, _ loop: EventLoop) {
        let result = ring.enter(nanoseconds: nanoseconds)
        recycleVectors()
        switch -result {
        case ..<1, ETIME, EINTR, EBUSY, EAGAIN:
            return
        default:
            fatalError("io_uring_enter: \(SystemError(code: -result))")
        }
    }

    func dispatch(_ loop: EventLoop) {
        buffers.turnBegins()
        // Only what is there now: completions that handlers cause belong to the next turn.
        var left = ring.ready
        var completion = apus_uring_completion()
        let ledger = loop.table.ledger
        while left > 0, ring.next(&completion) {
            left -= 1
            let tag = EventTag(rawValue: completion.user_data)
            switch tag.operation {
            case .send: sent(completion, tag, loop, ledger)
            case .receive: received(completion, tag, loop)
            case .accept: accepted(completion, Int(tag.index), loop)
            case .wake:
                loop.woken()
                awaitWake()
            case .hangUp: hungUp(completion, tag, loop)
            case .cancel: cancelled(tag, loop)
            case .forget, nil: continue
            }
        }
    }

    /// Vectors are free once the kernel has taken every send that points at them.
    private func recycleVectors() {
        if !apus_uring_unsubmitted(ring.ring) { vectors.reset() }
    }

    private func awaitWake() {
        ring.makeRoom()
        apus_uring_read(ring.ring, wakeDescriptor, wakeCount.pointer, 8, EventTag(.wake).rawValue)
    }

    // MARK: Sending

    func flush(_ loop: EventLoop) {
        let ledger = loop.table.ledger
        while let slot = ledger.pointee.nextDirty() { send(slot, loop) }
    }

    @inline(__always)
    private func send(_ slot: SlotPointer, _ loop: EventLoop) {
        let phase = slot.pointee.phase
        guard phase == .open || phase == .flushing, !slot.pointee.isBusy else { return }
        loop.seal(slot)
        guard !slot.pointee.queue.isEmpty else { return }
        if apus_uring_space(ring.ring) == 0 {
            ring.makeRoom()
            recycleVectors()
        }
        let tag = EventTag(.send, slot).rawValue
        let descriptor = slot.pointee.descriptor
        if let bytes = slot.pointee.queue.takeOnly() {
            apus_uring_send(ring.ring, descriptor, bytes.baseAddress, min(bytes.count, Self.longestSend), tag)
        } else {
            apus_uring_send_message(ring.ring, descriptor, vectors.message(for: &slot.pointee.queue), tag)
        }
        slot.pointee.isBusy = true
        slot.pointee.operations.insert(.send)
    }

    @inline(__always)
    private func sent(_ completion: apus_uring_completion, _ tag: EventTag, _ loop: EventLoop, _ ledger: LedgerPointer)
    {
        guard let slot = loop.table.find(tag.index, generation: tag.generation) else { return }
        slot.pointee.isBusy = false
        slot.pointee.operations.remove(.send)
        guard slot.pointee.phase != .closing else {
            loop.releaseIfDone(slot)
            return
        }
        if completion.result > 0 {
            loop.sent(slot, Int(completion.result), ledger: ledger)
        } else if completion.result != -EINTR, completion.result != -EAGAIN {
            loop.failed(slot, errno: -completion.result)
        }
        if slot.hasUnsent { ledger.pointee.markDirty(slot) }
    }

    // MARK: Receiving

    func attach(_ slot: SlotPointer) -> Bool {
        if !slot.pointee.isReadingPaused { resumeReading(slot) }
        return true
    }

    func resumeReading(_ slot: SlotPointer) {
        // One that is being cancelled is armed again when its last completion comes.
        guard !slot.pointee.operations.contains(.receive) else { return }
        slot.pointee.operations.insert(.receive)
        ring.makeRoom()
        apus_uring_receive(
            ring.ring,
            slot.pointee.descriptor,
            ReceiveBuffers.group,
            EventTag(.receive, slot).rawValue
        )
    }

    func pauseReading(_ slot: SlotPointer) {
        watchHangUp(slot)
        guard slot.pointee.operations.contains(.receive), !slot.pointee.isReceiveCancelled else { return }
        slot.pointee.isReceiveCancelled = true
        slot.pointee.pendingCancels += 1
        ring.makeRoom()
        apus_uring_cancel(ring.ring, EventTag(.receive, slot).rawValue, EventTag(.cancel, slot).rawValue)
    }

    func endReading(_ slot: SlotPointer) {
        watchHangUp(slot)
    }

    private func received(_ completion: apus_uring_completion, _ tag: EventTag, _ loop: EventLoop) {
        let slot = loop.table.find(tag.index, generation: tag.generation)
        let isLast = completion.flags & UInt32(IORING_CQE_F_MORE) == 0
        if isLast, let slot {
            slot.pointee.operations.remove(.receive)
            slot.pointee.isReceiveCancelled = false
        }
        if completion.flags & UInt32(IORING_CQE_F_BUFFER) != 0 {
            let id = UInt16(truncatingIfNeeded: completion.flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
            if let slot, completion.result > 0 {
                loop.received(slot, buffers.bytes(of: id, count: Int(completion.result)))
            }
            buffers.giveBack(id)
        }
        guard let slot else { return }
        switch -completion.result {
        case 0: loop.ended(slot)
        case ENOBUFS: buffers.ranOut()
        // Reading was paused: nothing of the connection is wrong.
        case ..<0, ECANCELED, EINTR, EAGAIN: break
        case let code: loop.failed(slot, errno: code)
        }
        guard isLast else { return }
        if slot.pointee.phase == .closing {
            loop.releaseIfDone(slot)
        } else if !slot.pointee.isReadingPaused, !slot.pointee.isPeerEnded, !slot.pointee.isEndHeld {
            resumeReading(slot)
        }
    }

    // MARK: Resets without reading

    /// While nothing is read, a reset of the connection would go unnoticed.
    private func watchHangUp(_ slot: SlotPointer) {
        guard !slot.pointee.operations.contains(.hangUp) else { return }
        slot.pointee.operations.insert(.hangUp)
        ring.makeRoom()
        apus_uring_await_hang_up(ring.ring, slot.pointee.descriptor, EventTag(.hangUp, slot).rawValue)
    }

    private func hungUp(_ completion: apus_uring_completion, _ tag: EventTag, _ loop: EventLoop) {
        guard let slot = loop.table.find(tag.index, generation: tag.generation) else { return }
        if completion.flags & UInt32(IORING_CQE_F_MORE) == 0 { slot.pointee.operations.remove(.hangUp) }
        guard slot.pointee.phase != .closing else {
            loop.releaseIfDone(slot)
            return
        }
        // A FIN alone is the receive's to tell, and so is a reset while there is a receive.
        guard completion.result > 0, completion.result & (POLLERR | POLLHUP) != 0 else { return }
        guard slot.pointee.isReadingPaused || slot.pointee.isPeerEnded else {
            slot.pointee.isBroken = true
            return
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(slot.pointee.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        loop.failed(slot, errno: code)
    }

    // MARK: The end of a connection

    func detach(_ slot: SlotPointer) {
        guard !slot.pointee.operations.isEmpty else { return }
        slot.pointee.pendingCancels += 1
        ring.makeRoom()
        apus_uring_cancel_descriptor(ring.ring, slot.pointee.descriptor, EventTag(.cancel, slot).rawValue)
    }

    private func cancelled(_ tag: EventTag, _ loop: EventLoop) {
        guard let slot = loop.table.find(tag.index, generation: tag.generation) else { return }
        slot.pointee.pendingCancels -= 1
        loop.releaseIfDone(slot)
    }

    // MARK: Accepting

    func startAccepting(on descriptor: Int32, index: Int) {
        guard accepting.insert(index).inserted else { return }
        ring.makeRoom()
        apus_uring_accept(ring.ring, descriptor, EventTag(.accept, index: UInt32(index)).rawValue)
    }

    func stopAccepting(on descriptor: Int32, index: Int) {
        guard accepting.contains(index) else { return }
        ring.makeRoom()
        let target = EventTag(.accept, index: UInt32(index)).rawValue
        apus_uring_cancel(ring.ring, target, EventTag(.forget).rawValue)
    }

    private func accepted(_ completion: apus_uring_completion, _ index: Int, _ loop: EventLoop) {
        if completion.flags & UInt32(IORING_CQE_F_MORE) == 0 { accepting.remove(index) }
        if completion.result >= 0 { loop.accepted(completion.result, index: index) }
        guard !accepting.contains(index), loop.listeners[index].accept != nil else { return }
        switch -completion.result {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            loop.acceptFailed(errno: -completion.result)
        default:
            startAccepting(on: loop.listeners[index].descriptor, index: index)
        }
    }
}

/// What the kernel reads the wake-up descriptor into while the loop sleeps. Freed after the ring that may write to it.
private final class WakeCount {
    let pointer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

    deinit {
        pointer.deallocate()
    }
}
