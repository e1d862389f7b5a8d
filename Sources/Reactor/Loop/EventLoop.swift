/// A thread's turn of sockets, mailboxes and timers: wait, dispatch, deliver, fire, hooks, send.
///
/// Owns its listeners, connections, timers and mailboxes and shares none of them. Everything but a `Mailbox` is confined
/// to the loop's own thread, which debug builds check.
public final class EventLoop {
    /// The loop's number, from 0.
    public let index: Int

    /// The time this turn began; the clock is read once a turn.
    public internal(set) var now: MonotonicInstant

    /// The wall clock at the beginning of this turn: milliseconds since 1970 UTC.
    public internal(set) var wallMilliseconds: Int64

    let configuration: ReactorConfiguration
    let backend: any Backend
    let signal: LoopSignal
    let table: SlotTable
    let thread = LoopThread.Identity.current

    var timers: TimerWheel
    var counters = LoopStatistics()
    var listeners: ContiguousArray<Listener> = []
    var receivers: ContiguousArray<any MailboxReceiver> = []
    var hooks: ContiguousArray<() -> Void> = []
    var closings: ContiguousArray<SlotPointer> = []
    var resumptions: ContiguousArray<SlotPointer> = []
    var acceptPause = AcceptPause()
    var gathering: Gathering
    /// Nil as long as no listener speaks TLS.
    var tlsBuffers: TLSBuffers?
    /// Whether a handler was told something while the turn's sends went out: too late for this turn's hooks.
    var owesHooks = false
    var isStopping = false

    init(index: Int, configuration: ReactorConfiguration, backend: any Backend, signal: LoopSignal) {
        self.index = index
        self.configuration = configuration
        self.backend = backend
        self.signal = signal
        gathering = Gathering(limit: configuration.gatherLimit)
        table = SlotTable(highWater: configuration.highWater, lowWater: configuration.lowWater)
        now = .current
        wallMilliseconds = Clock.wallMilliseconds
        timers = TimerWheel(now: now)
        table.ledger.pointee.now = now.nanoseconds
    }

    /// The backend this loop runs on.
    public var backendKind: BackendKind { backend.kind }

    /// Everything counted since the start, as a copy.
    public var statistics: LoopStatistics {
        var copy = counters
        copy.sends = table.ledger.pointee.sends
        copy.bytesOut = table.ledger.pointee.bytesOut
        copy.heldSends = gathering.holds
        copy.sparedSends = gathering.spared
        return copy
    }

    /// Takes the socket over and accepts its connections from the next turn on.
    ///
    /// `accept` runs on the loop for each, with TLS before the handshake; nil refuses the connection, which is closed
    /// at once.
    ///
    /// - Parameters:
    ///   - tls: what connections are encrypted with; nil leaves them plain. Handlers see no difference.
    public func listen(
        on descriptor: ListenDescriptor,
        tls: TLSEndpoint? = nil,
        accept: @escaping (Connection) -> (any ConnectionHandler)?
    ) {
        assertInLoop()
        if tls != nil, tlsBuffers == nil { tlsBuffers = TLSBuffers() }
        listeners.append(Listener(descriptor: descriptor.descriptor, tls: tls, accept: accept))
        backend.startAccepting(on: descriptor.descriptor, index: listeners.count - 1)
    }

    /// Closes every listener of the loop; connections stay.
    public func stopAccepting() {
        assertInLoop()
        for index in listeners.indices { closeListener(index) }
    }

    /// A way in for other threads; `receive` gets all messages that came since the last turn, in order.
    public func makeMailbox<Message: Sendable>(_ receive: @escaping ([Message]) -> Void) -> Mailbox<Message> {
        assertInLoop()
        let mailbox = Mailbox<Message>(signal: signal)
        receivers.append(TypedMailboxReceiver(mailbox, receive: receive))
        return mailbox
    }

    /// Runs the hook at the end of each turn: after handlers, mailboxes and timers, before the turn's sends go out.
    ///
    /// Where hooks leave mail for their own loop or close connections, that is dealt with and all hooks run again,
    /// a few times at most; the rest waits for the next turn, which then follows at once.
    public func atTurnEnd(_ hook: @escaping () -> Void) {
        assertInLoop()
        hooks.append(hook)
    }

    /// Arms a timer; the delay counts from the beginning of the turn. Never early, up to 1 ms late on an idle loop.
    ///
    /// The target is held until the timer fired or was cancelled.
    public func schedule(after delay: Duration, _ target: any TimerTarget, tag: UInt32) -> TimerHandle {
        assertInLoop()
        return timers.arm(at: now.advanced(by: delay), target: target, tag: tag)
    }

    /// Disarms a timer; one that fired already is no mistake.
    public func cancel(_ handle: TimerHandle) {
        assertInLoop()
        timers.cancel(handle)
    }

    /// The open connection of that name, if this loop has it.
    public func connection(_ id: ConnectionID) -> Connection? {
        assertInLoop()
        guard id.loop == index, let slot = table.find(id.slot, generation: id.generation) else { return nil }
        return slot.pointee.phase == .closing ? nil : slot.connection
    }

    /// Ends the loop after this turn: listeners are closed, connections reset with `loopStopped`.
    public func stop() {
        assertInLoop()
        isStopping = true
    }

    /// Stops a debug build where the caller is on another thread.
    @inline(__always)
    public func assertInLoop() {
        assert(thread == .current, "this belongs to the thread of loop \(index)")
    }
}

@available(*, unavailable)
extension EventLoop: Sendable {}
