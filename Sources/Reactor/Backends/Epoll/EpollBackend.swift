import CLinux
import Glibc

/// Readiness by epoll, level-triggered: one `recv` per readable connection and turn, which is also what keeps a busy
/// peer from starving the others.
///
/// Owns the epoll descriptor and one read buffer for all connections. Writability is asked for only while a socket's
/// buffer is full.
final class EpollBackend: Backend {
    var kind: BackendKind { .epoll }

    private let descriptor: Int32
    private let wakeDescriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private let readBuffer: UnsafeMutableRawBufferPointer
    private let vector: UnsafeMutableBufferPointer<iovec>
    private var ready = 0

    static let readable = UInt32(bitPattern: Int32(EPOLLIN.rawValue))
    static let writable = UInt32(bitPattern: Int32(EPOLLOUT.rawValue))
    private static let broken = UInt32(bitPattern: Int32(EPOLLERR.rawValue) | Int32(EPOLLHUP.rawValue))

    private static let readBufferSize = 64 * 1024
    private static let acceptsPerTurn = 256
    private static let vectorLength = 64
    /// Sends for one connection and turn, so that one with megabytes queued leaves time for the others.
    private static let sendsPerTurn = 4

    init(signal: LoopSignal) throws(ReactorError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw ReactorError("No epoll descriptor for a loop: \(SystemError.current).") }
        wakeDescriptor = signal.descriptor
        events = .allocate(capacity: 1024)
        readBuffer = .allocate(byteCount: Self.readBufferSize, alignment: 16)
        vector = .allocate(capacity: Self.vectorLength)
        var event = epoll_event(events: Self.readable, data: epoll_data_t(u64: EventTag(.wake).rawValue))
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, wakeDescriptor, &event) == 0 else {
            shutDown()
            throw ReactorError("epoll refuses the wake-up descriptor: \(SystemError.current).")
        }
    }

    deinit {
        events.deallocate()
        readBuffer.deallocate()
        vector.deallocate()
    }

    func shutDown() {
        Glibc.close(descriptor)
    }

    // MARK: A turn

    func wait(nanoseconds: Int64?, _ loop: EventLoop) {
        ready = Int(max(0, apus_epoll_wait(descriptor, events.baseAddress, Int32(events.count), nanoseconds ?? -1)))
    }

    func dispatch(_ loop: EventLoop) {
        for position in 0..<ready {
            let event = events[position]
            let tag = EventTag(rawValue: event.data.u64)
            switch tag.operation {
            case .wake:
                var count: UInt64 = 0
                if read(wakeDescriptor, &count, MemoryLayout<UInt64>.size) > 0 { loop.woken() }
            case .accept:
                accept(from: Int(tag.index), loop)
            default:
                guard let slot = loop.table.find(tag.index, generation: tag.generation) else { continue }
                became(event.events, slot, loop)
            }
        }
        ready = 0
    }

    private func became(_ readiness: UInt32, _ slot: SlotPointer, _ loop: EventLoop) {
        guard slot.pointee.phase != .closing else { return }
        if readiness & Self.writable != 0 {
            slot.pointee.isBusy = false
            if slot.pointee.queue.isEmpty {
                register(slot, slot.pointee.interest & ~Self.writable)
            } else {
                slot.pointee.ledger.pointee.markDirty(slot)
            }
        }
        if readiness & Self.readable != 0, slot.pointee.interest & Self.readable != 0 {
            receive(slot, loop)
        } else if readiness & Self.broken != 0 {
            loop.failed(slot, errno: Self.pendingError(of: slot.pointee.descriptor))
        }
    }

    private func receive(_ slot: SlotPointer, _ loop: EventLoop) {
        let count = recv(slot.pointee.descriptor, readBuffer.baseAddress, readBuffer.count, 0)
        if count > 0 {
            loop.received(slot, UnsafeMutableRawBufferPointer(rebasing: readBuffer[..<count]))
        } else if count == 0 {
            loop.ended(slot)
        } else if errno != EAGAIN, errno != EINTR {
            loop.failed(slot, errno: errno)
        }
    }

    private static func pendingError(of descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code
    }

    // MARK: Sending

    func flush(_ loop: EventLoop) {
        let ledger = loop.table.ledger
        var later: ContiguousArray<SlotPointer> = []
        while let slot = ledger.pointee.nextDirty() {
            guard slot.pointee.phase == .open || slot.pointee.phase == .flushing else { continue }
            var sends = 0
            while !slot.pointee.isBusy, sends < Self.sendsPerTurn {
                loop.seal(slot)
                guard !slot.pointee.queue.isEmpty, send(slot, loop, ledger) else { break }
                sends += 1
            }
            let isOpen = slot.pointee.phase == .open || slot.pointee.phase == .flushing
            if isOpen, !slot.pointee.isBusy, slot.hasUnsent { later.append(slot) }
        }
        for slot in later { ledger.pointee.markDirty(slot) }
    }

    /// False where the connection broke.
    private func send(_ slot: SlotPointer, _ loop: EventLoop, _ ledger: LedgerPointer) -> Bool {
        var count: Int
        var wanted = 0
        if let bytes = slot.pointee.queue.takeOnly() {
            wanted = bytes.count
            count = Glibc.send(slot.pointee.descriptor, bytes.baseAddress, wanted, Int32(MSG_NOSIGNAL))
        } else {
            var message = msghdr()
            message.msg_iov = vector.baseAddress
            message.msg_iovlen = slot.pointee.queue.gather(into: vector)
            for position in 0..<message.msg_iovlen { wanted += vector[position].iov_len }
            count = sendmsg(slot.pointee.descriptor, &message, Int32(MSG_NOSIGNAL))
        }
        if count < 0 {
            if errno == EINTR { return true }
            guard errno == EAGAIN else {
                loop.failed(slot, errno: errno)
                return false
            }
            count = 0
        }
        if count > 0 { loop.sent(slot, count, ledger: ledger) }
        guard slot.pointee.phase == .open || slot.pointee.phase == .flushing else { return false }
        if count < wanted {
            slot.pointee.isBusy = true
            register(slot, slot.pointee.interest | Self.writable)
        } else if slot.pointee.queue.isEmpty, slot.pointee.interest & Self.writable != 0 {
            register(slot, slot.pointee.interest & ~Self.writable)
        }
        return true
    }

    // MARK: Connections

    func attach(_ slot: SlotPointer) -> Bool {
        slot.pointee.interest = slot.pointee.isReadingPaused ? 0 : Self.readable
        return control(EPOLL_CTL_ADD, slot)
    }

    func pauseReading(_ slot: SlotPointer) {
        register(slot, slot.pointee.interest & ~Self.readable)
    }

    func resumeReading(_ slot: SlotPointer) {
        register(slot, slot.pointee.interest | Self.readable)
    }

    func endReading(_ slot: SlotPointer) {
        register(slot, slot.pointee.interest & ~Self.readable)
    }

    func detach(_ slot: SlotPointer) {
        // Closing the descriptor takes it out of the set; until then, in the same turn, `became` looks at the phase.
        slot.pointee.interest = 0
    }

    private func register(_ slot: SlotPointer, _ interest: UInt32) {
        guard interest != slot.pointee.interest else { return }
        slot.pointee.interest = interest
        _ = control(EPOLL_CTL_MOD, slot)
    }

    private func control(_ operation: Int32, _ slot: SlotPointer) -> Bool {
        let data = epoll_data_t(u64: EventTag(.receive, slot).rawValue)
        var event = epoll_event(events: slot.pointee.interest, data: data)
        return epoll_ctl(descriptor, operation, slot.pointee.descriptor, &event) == 0
    }

    // MARK: Accepting

    func startAccepting(on listener: Int32, index: Int) {
        let flags = fcntl(listener, F_GETFL)
        _ = fcntl(listener, F_SETFL, flags | O_NONBLOCK)
        var event = epoll_event(
            events: Self.readable,
            data: epoll_data_t(u64: EventTag(.accept, index: UInt32(index)).rawValue)
        )
        epoll_ctl(descriptor, EPOLL_CTL_ADD, listener, &event)
    }

    func stopAccepting(on listener: Int32, index: Int) {
        var unused = epoll_event()
        epoll_ctl(descriptor, EPOLL_CTL_DEL, listener, &unused)
    }

    private func accept(from index: Int, _ loop: EventLoop) {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        for _ in 0..<Self.acceptsPerTurn {
            guard loop.listeners.indices.contains(index), loop.listeners[index].accept != nil else { return }
            let listener = loop.listeners[index].descriptor
            let accepted = apus_accept(listener, nil, nil, flags)
            if accepted >= 0 {
                loop.accepted(accepted, index: index)
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                let code = errno
                stopAccepting(on: listener, index: index)
                loop.acceptFailed(errno: code)
                return
            default: continue  // The peer went away before it was accepted.
            }
        }
    }
}
