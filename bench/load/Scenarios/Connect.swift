import ArgumentParser
import Glibc

/// Connections that come, join a room, and go again, so many under way at a time.
struct Connect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU of the server per connection made and ended.")

    @OptionGroup var target: Target

    @Option(help: "Connections to make in all.")
    var connections = 3000

    @Option(help: "How many are being made at a time.")
    var atOnce = 50

    func validate() throws {
        guard connections > 0, atOnce > 0 else { throw ValidationError("both are at least 1") }
    }

    func run() throws {
        let tokens = try target.tokens(count: connections)
        let swarm = try Swarm(target)
        let dialect = target.dialect
        let room = dialect.room(0, of: getpid())
        var latencies = Latencies()
        let interval = try Interval(target.server)
        var joined = 0
        while joined < connections {
            while swarm.peers.count < connections, swarm.peers.count - joined < atOnce {
                let due = Clock.now
                try swarm.open(dialect.path(room: room)).due = due
            }
            let goal = joined + 1
            try swarm.run(until: { joined >= goal }) { peer, inbound in
                guard !peer.isJoined else { return }
                switch inbound {
                case .opened: peer.isJoined = dialect.join(peer, room: room, token: tokens[peer.index])
                case .message(let payload): peer.isJoined = try dialect.isJoined(by: payload, peer)
                case .response: break
                }
                guard peer.isJoined else { return }
                joined += 1
                latencies.record(from: peer.due, to: Clock.now)
                swarm.close(peer)
            }
        }
        var members: [(String, Report.Value)] = [
            ("scenario", .text("connect")), ("at_once", .number(Double(atOnce))),
        ]
        members += try interval.members(per: "connect", count: connections)
        members += latencies.members()
        Report.write(members)
    }
}
