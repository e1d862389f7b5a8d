import HubProtocol
import Reactor

extension Client {
    /// The queue is over the soft limit: conflate what can be, and close where it is over a hard one.
    func queueGrew() {
        guard phase != .closing else { return }
        let configuration = shard.configuration
        let queued = connection.queuedBytes
        let hasMissedTooMuch = rare.map { isTooMuch($0.conflation) } ?? false
        guard queued > configuration.softQueueBytes || hasMissedTooMuch else { return }
        // One turn's worth, such as the whole text of a long stream, does not make a reader slow that was not.
        let wasLagging = shard.lagging[connection.id] != nil
        let most = configuration.hardQueueBytes + (wasLagging ? 0 : Client.largestTurn)
        isLagging = true
        if queued > most || hasMissedTooMuch {
            closeTooSlow()
        } else if !wasLagging {
            shard.newlyLagging.append(self)
        }
    }

    /// Bytes over the hard limit that one turn may queue for a reader who was not slow before it: a stream's text of
    /// 1 MiB is at most six times that in JSON.
    private static let largestTurn = 8 << 20

    /// Closes where what is queued has waited too long. Asked once a second while lagging.
    func checkQueueAge() {
        guard phase != .closing, let oldest = connection.oldestQueued else { return }
        if oldest.duration(to: shard.loop.now) > shard.configuration.hardQueueAge { closeTooSlow() }
    }

    private func closeTooSlow() {
        shard.metrics.tooSlow += 1
        close(.tooSlow, "the queue is full: come back and recover")
    }

    func drained(_ connection: Connection) {
        guard phase == .ready else { return }
        catchUpWithQueue()
    }

    /// Whether commands have to wait: behind a `hello`, behind a request whose answer is large, behind too many that
    /// are not answered yet, or because the client does not read what it has been told already. What it asks for never outgrows its queue that way.
    var isHeld: Bool {
        phase == .authenticating || largeRequest != nil || pendingReplies >= shard.configuration.unansweredCommands
            || connection.queuedBytes > shard.configuration.softQueueBytes
    }

    /// Whether nothing it has asked is left to be answered.
    var hasItsAnswers: Bool {
        pendingReplies == 0 && phase != .authenticating && (rare?.held.isEmpty ?? true)
    }

    /// Keeps commands until they may run; nothing more is read meanwhile.
    func hold(_ line: ByteView, isOverCount: Bool) {
        let rare = rareState()
        guard rare.held.count + line.count <= 2 * shard.configuration.frameBytes else {
            close(.policyViolation, "too much was sent before an answer")
            return
        }
        rare.held.append(isOverCount ? Client.overCount : Client.inCount)
        rare.held.append(line)
        rare.held.append(UInt8(ascii: "\n"))
        connection.pauseReading()
    }

    /// Runs what was held, as far as it may run now.
    func release() {
        guard phase == .ready, !isHeld else { return }
        if let rare, !rare.held.isEmpty {
            let lines = rare.held
            rare.held = []
            lines.withUnsafeBytes { runHeld(LineSplitter(ByteView($0))) }
        }
        if rare?.held.isEmpty ?? true { connection.resumeReading() }
        dropIdleState()
    }

    private func runHeld(_ lines: LineSplitter) {
        for line in lines {
            guard phase != .closing else { return }
            let isOverCount = line[0] == Client.overCount
            let command = line[1..<line.count]
            if isHeld {
                hold(command, isOverCount: isOverCount)
            } else {
                run(command, isOverCount: isOverCount)
            }
        }
    }

    private static let inCount = UInt8(ascii: " ")
    private static let overCount = UInt8(ascii: "!")

    /// There is room in the queue again: says what was conflated and fetches what is missing.
    func catchUpWithQueue() {
        if isLagging {
            isLagging = false
            shard.lagging[connection.id] = nil
            if let rare {
                let missed = rare.conflation
                rare.conflation = Conflation()
                missed.pushes().forEach(send)
            }
        }
        fetchMissing()
        release()
    }

    func conflate(_ ephemera: [Batch.Ephemeral], in room: RoomName) {
        remember { conflation in
            for ephemeral in ephemera { conflation.add(ephemeral, in: room) }
        }
    }

    func conflate(_ news: Batch.PresenceNews, in room: RoomName) {
        remember { $0.add(news, in: room) }
    }

    func conflate(durable: Int64, in room: RoomName) {
        remember { $0.add(durable: durable, in: room) }
    }

    private func remember(_ change: (inout Conflation) -> Void) {
        let rare = rareState()
        change(&rare.conflation)
        if isTooMuch(rare.conflation) { shard.overfull.append(self) }
    }

    private func isTooMuch(_ conflation: Conflation) -> Bool {
        conflation.count > Client.mostConflated || conflation.bytes > shard.configuration.hardQueueBytes
    }

    /// People times kinds that are remembered for a slow reader; one more and it is closed to recover.
    static let mostConflated = 10_000
}
