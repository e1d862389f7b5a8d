/// A program on one kept HTTP connection: a request at a time, the others wait in line, from when they were due.
final class HTTPProgram {
    struct Job {
        var action: SupportDayRun.Action
        var due: UInt64
    }

    let peer: Peer
    private var line: [(job: Job, send: () -> Void)] = []

    init(peer: Peer) {
        self.peer = peer
    }

    var isIdle: Bool { line.isEmpty }

    func enqueue(_ job: Job, _ send: @escaping () -> Void) {
        line.append((job, send))
        if line.count == 1 { send() }
    }

    /// The first request has been answered.
    func finish() -> Job {
        let first = line.removeFirst()
        line.first?.send()
        return first.job
    }
}
