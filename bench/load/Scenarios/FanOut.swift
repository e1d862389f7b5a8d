import ArgumentParser
import Glibc

/// One publisher and many subscribers of one room; every delivery is checked for order, gaps and repeats.
struct FanOut: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU of the server per delivered message.")

    @OptionGroup var target: Target

    @Option(help: "Subscribers; the first one publishes.")
    var subscribers = 1000

    @Option(help: "Closed loop: messages under way at a time, each replaced when everybody has it.")
    var window = 1

    @Option(help: "Open loop: messages a second, whatever the server does; 0 is the closed loop.")
    var rate = 0.0

    @Option(help: "Bytes of each message.")
    var size = 128

    @Option(help: "Seconds to measure, after half a second that is not counted.")
    var seconds = 3.0

    @Flag(help: "Ask for permessage-deflate without context takeover.")
    var deflate = false

    func validate() throws {
        guard subscribers > 0, window > 0, rate >= 0, size >= Stamp.length, size < 60_000 else {
            throw ValidationError("subscribers and window are at least 1, size is \(Stamp.length) to 60000")
        }
    }

    func run() throws {
        let tokens = try target.tokens(count: subscribers)
        let swarm = try Swarm(target, deflate: deflate)
        let dialect = target.dialect
        let room = dialect.room(0, of: getpid())
        try swarm.join(subscribers) { (0, room, tokens[$0]) }

        let padding = String(repeating: "x", count: size - Stamp.length)
        var sequence = 0
        func publish(due: UInt64) {
            sequence += 1
            dialect.publish(
                Stamp(sender: 0, sequence: sequence, due: due).text(padding: padding),
                to: room,
                by: swarm.peers[0]
            )
        }

        // How many have each message that is under way.
        var counts = [Int](repeating: 0, count: rate > 0 ? 1 << 16 : window * 2)
        var (deliveries, finished) = (0, 0)
        var latencies = Latencies()
        func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
            guard case .message(let payload) = inbound else { return }
            let now = Clock.now
            try dialect.deliveries(in: payload, of: peer, size: size) { stamp in
                try peer.check.accept(stamp)
                latencies.record(from: stamp.due, to: now)
                deliveries += 1
                let slot = stamp.sequence % counts.count
                counts[slot] += 1
                guard counts[slot] == subscribers else { return }
                counts[slot] = 0
                finished += 1
                if rate == 0 { publish(due: Clock.now) }
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
        let (before, messages) = (deliveries, finished)
        try go(on: Clock.now + UInt64(seconds: seconds))
        let wall = interval.wall
        var members: [(String, Report.Value)] = [
            ("scenario", .text("fan-out")), ("subscribers", .number(Double(subscribers))),
            ("window", .number(Double(rate > 0 ? 0 : window))), ("rate", .number(rate)),
            ("bytes", .number(Double(size))), ("messages_per_second", .number(Double(finished - messages) / wall)),
        ]
        members += try interval.members(per: "delivery", count: deliveries - before)
        members += latencies.members()

        // Nothing of what was published may be missing in the end.
        try swarm.run(until: { finished == sequence || rate == 0 }, take)
        Report.write(members)
    }
}
