import ArgumentParser
import Glibc

/// Messages that come back: each connection has one under way.
struct Echo: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "CPU of the server per message and its echo.")

    @OptionGroup var target: Target

    @Option(help: "Connections to /echo.")
    var connections = 100

    @Option(help: "Bytes of each message.")
    var size = 128

    @Option(help: "Seconds to measure, after half a second that is not counted.")
    var seconds = 3.0

    func validate() throws {
        guard connections > 0, size >= Stamp.length else {
            throw ValidationError("connections is at least 1, size at least \(Stamp.length)")
        }
    }

    func run() throws {
        let swarm = try Swarm(target)
        let padding = String(repeating: "x", count: size - Stamp.length)
        var opened = 0
        for _ in 0..<connections { _ = try swarm.open("/echo") }
        try swarm.run(until: { opened == connections }) { _, inbound in if case .opened = inbound { opened += 1 } }

        var latencies = Latencies()
        var echoes = 0
        func send(_ peer: Peer) {
            peer.place += 1
            peer.send(text: Stamp(sender: 0, sequence: peer.place, due: Clock.now).text(padding: padding))
        }
        func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
            guard case .message(let payload) = inbound else { return }
            guard payload.count == size, let stamp = Stamp.read(payload) else {
                throw LoadError("an echo that is not what was sent")
            }
            try peer.check.accept(stamp)
            latencies.record(from: stamp.due, to: Clock.now)
            echoes += 1
            send(peer)
        }
        func go(on end: UInt64) throws {
            while Clock.now < end { try swarm.turn(until: end, take) }
        }

        swarm.peers.forEach(send)
        try go(on: Clock.now + UInt64(seconds: 0.5))
        latencies.reset()
        let interval = try Interval(target.server)
        let before = echoes
        try go(on: Clock.now + UInt64(seconds: seconds))
        var members: [(String, Report.Value)] = [
            ("scenario", .text("echo")), ("connections", .number(Double(connections))),
            ("bytes", .number(Double(size))),
        ]
        members += try interval.members(per: "echo", count: echoes - before)
        members += latencies.members()
        Report.write(members)
    }
}
