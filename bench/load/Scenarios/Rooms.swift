import ArgumentParser
import Glibc

/// Chat: many small rooms, in each a few people who all speak in turn, at a rate over all rooms or in a closed loop.
struct Rooms: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU of the server per delivery in many small rooms.")

    @OptionGroup var target: Target

    @Option(help: "Rooms.")
    var rooms = 1000

    @Option(help: "People in each room.")
    var people = 5

    @Option(help: "Open loop: messages a second over all rooms; 0 is the closed loop.")
    var rate = 0.0

    @Option(help: "Closed loop: rooms with a message under way at a time, each replaced when all its people have it.")
    var window = 64

    @Option(help: "Bytes of each message.")
    var size = 128

    @Option(help: "Seconds to measure, after half a second that is not counted.")
    var seconds = 3.0

    func validate() throws {
        guard rooms > 0, people > 0, people < 10_000, window > 0, window <= rooms, rate >= 0, size >= Stamp.length
        else {
            throw ValidationError(
                "rooms, people and window are at least 1, window at most rooms, size at least \(Stamp.length)"
            )
        }
    }

    func run() throws {
        let tokens = try target.tokens(count: rooms * people)
        let swarm = try Swarm(target)
        let dialect = target.dialect
        let names = (0..<rooms).map { dialect.room($0, of: getpid()) }
        try swarm.join(rooms * people) { ($0 / people, names[$0 / people], tokens[$0]) }
        for peer in swarm.peers {
            peer.place = peer.index % people
            peer.check = SequenceCheck(senders: people)
        }

        let padding = String(repeating: "x", count: size - Stamp.length)
        /// Messages of each person so far; deliveries of a room's message under way; who speaks next in a room.
        var sent = [Int](repeating: 0, count: rooms * people)
        var underWay = [Int](repeating: 0, count: rooms)
        var speaker = [Int](repeating: 0, count: rooms)
        var (published, deliveries, turn) = (0, 0, 0)
        func publish(due: UInt64) {
            let room = turn % rooms
            turn += 1
            let sender = speaker[room]
            speaker[room] = (sender + 1) % people
            let peer = swarm.peers[room * people + sender]
            sent[peer.index] += 1
            published += 1
            let stamp = Stamp(sender: sender, sequence: sent[peer.index], due: due)
            dialect.publish(stamp.text(padding: padding), to: names[room], by: peer)
        }

        var latencies = Latencies()
        func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
            guard case .message(let payload) = inbound else { return }
            let now = Clock.now
            try dialect.deliveries(in: payload, of: peer, size: size) { stamp in
                try peer.check.accept(stamp)
                latencies.record(from: stamp.due, to: now)
                deliveries += 1
                underWay[peer.room] += 1
                guard underWay[peer.room] % people == 0 else { return }
                if rate == 0 { publish(due: now) }
            }
        }

        var pace = Pace(perSecond: max(rate, 1))
        func go(on end: UInt64) throws {
            while Clock.now < end {
                if rate > 0 { while let due = pace.take(at: Clock.now) { publish(due: due) } }
                try swarm.turn(until: rate > 0 ? min(end, pace.next) : end, take)
            }
        }
        if rate == 0 { for _ in 0..<window { publish(due: Clock.now) } }
        try go(on: Clock.now + UInt64(seconds: 0.5))
        latencies.reset()
        let interval = try Interval(target.server)
        let before = deliveries
        try go(on: Clock.now + UInt64(seconds: seconds))
        var members: [(String, Report.Value)] = [
            ("scenario", .text("rooms")), ("rooms", .number(Double(rooms))), ("people", .number(Double(people))),
            ("rate", .number(rate)), ("window", .number(Double(rate > 0 ? 0 : window))),
            ("bytes", .number(Double(size))),
        ]
        members += try interval.members(per: "delivery", count: deliveries - before)
        members += latencies.members()
        try swarm.run(until: { deliveries == published * people || rate == 0 }, take)
        Report.write(members)
    }
}
