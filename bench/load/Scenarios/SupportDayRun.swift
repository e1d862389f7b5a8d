import Glibc

/// What goes on in a support team's day: who owes what when, and how long it took.
final class SupportDayRun {
    enum Action: Int, CaseIterable {
        case send, typing, read, history, presence, httpHistory, httpPost

        /// A second for each person, at a pace of 1.
        var rate: Double {
            switch self {
            case .send: 0.1
            case .typing: 0.3
            case .read: 0.2
            case .history, .httpHistory: 0.05
            case .presence, .httpPost: 0.02
            }
        }

        var isHTTP: Bool { self == .httpHistory || self == .httpPost }
    }

    private static let size = 200

    private let day: SupportDay
    private let swarm: Swarm
    private let tokens: [String]
    private let names: [String]
    private let inRoom: Int
    private var programs: [HTTPProgram] = []
    /// Commands under way: by connection and number.
    private var pending: [Int: (action: Action, due: UInt64)] = [:]
    /// Messages so far of each person, and behind them of the programs in each room.
    private var written: [Int]
    private var took = Action.allCases.map { _ in Latencies() }
    private var screen = Latencies()
    private var turns = Action.allCases.map { _ in 0 }
    private(set) var actions = 0
    private let padding = String(repeating: "x", count: SupportDayRun.size - Stamp.length)

    init(_ day: SupportDay) throws {
        self.day = day
        swarm = try Swarm(day.target)
        tokens = try day.target.tokens(count: day.people)
        names = (0..<day.rooms).map { Dialect.apus.room($0, of: getpid()) }
        inRoom = day.people / day.rooms
        written = Array(repeating: 0, count: day.people + day.rooms)
    }

    func reset() {
        actions = 0
        screen.reset()
        for index in took.indices { took[index].reset() }
    }

    /// Everybody comes at once; seconds until all are in.
    func arrive() throws -> Double {
        let start = Clock.now
        try swarm.join(day.people, atOnce: day.people) { ($0 % day.rooms, names[$0 % day.rooms], tokens[$0]) }
        for peer in swarm.peers {
            peer.place = peer.index / day.rooms
            peer.check = SequenceCheck(senders: inRoom + 1)
        }
        for _ in 0..<day.programs { programs.append(HTTPProgram(peer: try swarm.connect())) }
        return (Clock.now - start).seconds
    }

    /// Everything that is due happens for so long.
    func live(for seconds: Double) throws {
        let end = Clock.now + UInt64(seconds: seconds)
        var paces = Action.allCases.map { Pace(perSecond: $0.rate * Double(day.people) * day.pace) }
        while Clock.now < end {
            for action in Action.allCases {
                while let due = paces[action.rawValue].take(at: Clock.now) { act(action, due: due) }
            }
            try swarm.turn(until: min(end, paces.map(\.next).min() ?? end), take)
        }
    }

    /// Waits for the answers that are still under way.
    func settle() throws {
        try swarm.run(until: { pending.isEmpty && programs.allSatisfy(\.isIdle) }, take)
    }

    func latencies() -> [(String, Report.Value)] {
        Action.allCases.flatMap { took[$0.rawValue].members(prefix: "\($0)_") } + screen.members(prefix: "screen_")
    }

    // MARK: Acting

    /// The next one whose turn it is does it.
    private func act(_ action: Action, due: UInt64) {
        let turn = turns[action.rawValue]
        turns[action.rawValue] += 1
        actions += 1
        if action.isHTTP {
            request(action, turn: turn, due: due)
            return
        }
        let peer = swarm.peers[turn % day.people]
        let id = peer.nextID()
        pending[peer.index << 32 | id] = (action, due)
        let head = #"{"id":\#(id),"room":"\#(names[peer.room])","cmd":"#
        switch action {
        case .send:
            peer.send(text: head + #""send","kind":"message","data":"\#(text(peer.index, peer.place, due))"}"#)
        case .typing: peer.send(text: head + #""signal","kind":"typing"}"#)
        case .read: peer.send(text: head + #""read","upto":\#(peer.offset)}"#)
        case .history: peer.send(text: head + #""history","limit":50}"#)
        case .presence, .httpHistory, .httpPost: peer.send(text: head + #""presence"}"#)
        }
    }

    private func request(_ action: Action, turn: Int, due: UInt64) {
        // A room has one program, so what is posted there stays in order.
        let room = turn % day.rooms
        let program = programs[room % programs.count]
        let path = "/api/v1/rooms/\(names[room].replacing(":", with: "%3A"))/events"
        let (method, body) =
            action == .httpPost
            ? ("POST", #"{"kind":"message","data":"\#(text(day.people + room, inRoom, due))"}"#) : ("GET", "")
        let query = action == .httpPost ? "" : "?limit=20"
        program.enqueue(HTTPProgram.Job(action: action, due: due)) { [swarm, tokens] in
            swarm.request(method, path + query, token: tokens[room], body: body, on: program.peer)
        }
    }

    private func text(_ writer: Int, _ place: Int, _ due: UInt64) -> String {
        written[writer] += 1
        return Stamp(sender: place, sequence: written[writer], due: due).text(padding: padding)
    }

    // MARK: Hearing

    private func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
        switch inbound {
        case .opened: return
        case .response(let status, let body):
            guard (200..<300).contains(status), let program = programs.first(where: { $0.peer === peer }) else {
                throw LoadError("the HTTP API answered \(status): \(String(decoding: body.prefix(200), as: UTF8.self))")
            }
            let job = program.finish()
            took[job.action.rawValue].record(from: job.due, to: Clock.now)
        case .message(let payload):
            let now = Clock.now
            try HubLine.each(in: payload) { line in
                if let id = try HubLine.answered(by: line) {
                    guard let (action, due) = pending.removeValue(forKey: peer.index << 32 | id) else {
                        throw LoadError("an answer to nothing: \(id)")
                    }
                    took[action.rawValue].record(from: due, to: now)
                    return
                }
                try Dialect.apus.deliveries(in: line, of: peer, size: SupportDayRun.size) { stamp in
                    try peer.check.accept(stamp)
                    screen.record(from: stamp.due, to: now)
                }
            }
        }
    }
}
