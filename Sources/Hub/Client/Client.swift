import HubProtocol
import Reactor

/// A WebSocket peer: speaks the contract, holds its place in rooms, and is bounded in everything it may ask.
///
/// It owns the WebSocket session and the list of its subscriptions; rooms know it only by its connection's id.
/// An idle client owns no buffers. Isolation: confined to its connection's loop.
final class Client: ConnectionHandler {
    unowned let shard: Shard
    let connection: Connection
    let encoding: FrameEncoding
    var session: WebSocketSession

    enum Phase {
        /// No `hello` yet.
        case greeting
        /// `hello` is being answered; commands wait.
        case authenticating
        case ready
        /// A close frame has been sent, or the connection is gone.
        case closing
    }

    var phase: Phase = .greeting
    var principal: Principal?
    var sessionID: SessionDirectory.ID?
    var subscriptions: [Subscription] = []
    var lastCommand: Int64 = 0
    /// Commands that have been given to a home and not yet been answered.
    var pendingReplies = 0

    var lastHeard: MonotonicInstant
    var heartbeat: TimerHandle?
    var deadline: TimerHandle?

    /// How fast it has been lately; nil where that says nothing, and for roles that are not limited.
    var rates: ClientRates?
    var malformed: UInt16 = 0
    /// The `sub` or `history` that is being answered: their answers are large, so there is one at a time.
    var largeRequest: Int64?
    /// Whether a piece of what an answer could not hold is on its way.
    var isFetching = false
    /// Whether it has ever asked for a job: the board is told when it goes.
    var hasClaimed = false
    /// Whether the queue is over the soft limit: what can be conflated is.
    var isLagging = false
    /// What only few clients have at a time, so that the others need not pay for it.
    var rare: Rare?

    /// State of a `hello` under way, of an `auth`, and of a slow reader.
    final class Rare {
        var hello: HelloProgress?
        var authCommand: Int64?
        /// Commands that wait, a line each; its first byte says whether it was one too many in its frame.
        var held: [UInt8] = []
        var conflation = Conflation()
        /// `history` and `presence` that are not answered yet, by their ids: the room each asks about.
        var asked: [Int64: RoomName] = [:]

        /// Whether it says nothing.
        var isIdle: Bool {
            hello == nil && authCommand == nil && held.isEmpty && conflation.count == 0 && asked.isEmpty
        }
    }

    init(shard: Shard, connection: Connection, acceptance: HandshakeAcceptance) {
        self.shard = shard
        self.connection = connection
        let configuration = shard.configuration
        var limits = WebSocketLimits()
        limits.maxFrameBytes = configuration.frameBytes
        limits.maxMessageBytes = configuration.frameBytes
        session = WebSocketSession(limits: limits, deflate: acceptance.deflate)
        encoding =
            switch acceptance.deflate {
            case nil: .plain
            case let deflate? where deflate.serverNoContextTakeover:
                .deflated(windowBits: deflate.serverMaxWindowBits)
            case _?: .own
            }
        lastHeard = shard.loop.now
        deadline = shard.loop.schedule(after: configuration.helloDeadline, self, tag: Timer.hello.rawValue)
        scheduleHeartbeat()
    }

    // MARK: From the connection

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
        lastHeard = shard.loop.now
        session.receive(bytes)
        while phase != .closing, let event = session.next(shard.codecs) {
            handle(event)
        }
    }

    private func handle(_ event: WebSocketEvent) {
        switch event {
        case .text(let message): receive(message)
        case .binary: close(.unsupportedData, "this hub speaks text frames with JSON")
        case .ping(let payload): pong(payload)
        case .pong: break
        case .close: answerClose()
        case .violation(let violation):
            shard.metrics.violations += 1
            close(violation.code, violation.sentence)
        }
    }

    func receivedEnd(on connection: Connection) {
        guard phase != .closing else { return }
        leaveAll()
        phase = .closing
        finish()
    }

    func closed(_ connection: Connection, _ reason: DisconnectReason) {
        leaveAll()
        phase = .closing
        heartbeat.map(shard.loop.cancel)
        deadline.map(shard.loop.cancel)
        if let sessionID { shard.hub.sessions.release(sessionID, by: connection.id) }
        shard.forget(self)
    }

    // MARK: Closing

    private func answerClose() {
        phase = .closing
        leaveAll()
        shard.scratch.removeAll(keepingCapacity: true)
        session.answerClose(into: &shard.scratch)
        connection.write(shard.scratch)
        finish()
    }

    /// Flushes and closes; what the socket does not take in time is skipped, the close frame too.
    private func finish() {
        cancelDeadline()
        deadline = shard.loop.schedule(after: .seconds(1), self, tag: Timer.flush.rawValue)
        connection.finish()
    }

    private func pong(_ payload: ByteView) {
        // A peer that floods pings and does not read gets no more than its queue holds.
        guard connection.queuedBytes < shard.configuration.softQueueBytes else { return }
        if let refusal = rateRefusal(.commands) {
            isRefused(by: refusal)
            return
        }
        shard.scratch.removeAll(keepingCapacity: true)
        WebSocketFrame.appendPong(payload, into: &shard.scratch)
        connection.write(shard.scratch)
    }

    /// Says why, leaves every room, and closes once that is sent. Only the first reason counts.
    func close(_ code: CloseCode, _ reason: String) {
        guard phase != .closing else { return }
        phase = .closing
        leaveAll()
        shard.metrics.closed(with: code)
        shard.scratch.removeAll(keepingCapacity: true)
        session.close(code, reason: reason, into: &shard.scratch)
        connection.write(shard.scratch)
        finish()
    }

    // MARK: Sending

    /// Sends one JSON object.
    func send(_ line: [UInt8]) {
        guard phase != .closing else { return }
        shard.scratch.removeAll(keepingCapacity: true)
        if encoding == .plain || (encoding != .own && line.count < shard.configuration.deflateFloor) {
            FrameEncoder.appendPlain(line, to: &shard.scratch)
        } else {
            let compress = line.count >= shard.configuration.deflateFloor
            line.withUnsafeBytes { bytes in
                session.appendMessage(
                    ByteView(bytes),
                    text: true,
                    compress: compress,
                    codecs: shard.codecs,
                    into: &shard.scratch
                )
            }
        }
        connection.write(shard.scratch)
        if connection.queuedBytes > shard.configuration.softQueueBytes { shard.overfull.append(self) }
    }

    func refuse(_ id: Int64?, _ error: ErrorReply) {
        var line: [UInt8] = []
        Reply.error(id: id, error, into: &line)
        send(line)
    }

    func succeed(_ id: Int64) {
        var line: [UInt8] = []
        Reply.empty(id: id, into: &line)
        send(line)
    }
}

@available(*, unavailable)
extension Client: Sendable {}
