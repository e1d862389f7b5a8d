import ArgumentParser
import Glibc

/// Sends that wait for the disk, so many under way on each connection.
struct DurableWrites: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "durable",
        abstract: "Acknowledged-durable sends a second, and how long each takes."
    )

    @OptionGroup var target: Target

    @Option(help: "Connections, each the only one in a room of its own.")
    var connections = 64

    @Option(help: "Sends under way on each connection.")
    var window = 16

    @Option(help: "Bytes of each message.")
    var size = 128

    @Flag(help: "Give every send a key of its own, as an outbox does.")
    var keys = false

    @Option(help: "Seconds to measure, after half a second that is not counted.")
    var seconds = 3.0

    func validate() throws {
        guard connections > 0, window > 0, size >= Stamp.length else {
            throw ValidationError("connections and window are at least 1, size at least \(Stamp.length)")
        }
    }

    func run() throws {
        let tokens = try target.tokens(count: connections)
        let swarm = try Swarm(target)
        let names = (0..<connections).map { Dialect.apus.room($0, of: getpid()) }
        try swarm.join(connections) { ($0, names[$0], tokens[$0]) }
        let padding = String(repeating: "x", count: size - Stamp.length)
        // When each command was sent, as a ring of those under way; numbers count up by one a connection.
        var sentAt = [UInt64](repeating: 0, count: connections * window * 2)
        func send(_ peer: Peer) {
            let now = Clock.now
            let id = peer.nextID()
            peer.place += 1
            sentAt[peer.index * window * 2 + id % (window * 2)] = now
            let key = keys ? #""key":"\#(getpid())-\#(id)","# : ""
            let text = Stamp(sender: 0, sequence: peer.place, due: now).text(padding: padding)
            peer.send(
                text:
                    #"{"id":\#(id),"cmd":"send","room":"\#(names[peer.index])","kind":"message",\#(key)"data":"\#(text)"}"#
            )
        }
        var latencies = Latencies()
        var replies = 0
        func take(_ peer: Peer, _ inbound: Peer.Inbound) throws {
            guard case .message(let payload) = inbound else { return }
            try HubLine.each(in: payload) { line in
                if let id = try HubLine.answered(by: line) {
                    latencies.record(from: sentAt[peer.index * window * 2 + id % (window * 2)], to: Clock.now)
                    replies += 1
                    send(peer)
                } else if let offset = HubLine.offset(of: line) {
                    try SequenceCheck.follow(offset, after: &peer.offset, "offset")
                }
            }
        }
        func go(on end: UInt64) throws {
            while Clock.now < end { try swarm.turn(until: end, take) }
        }
        for peer in swarm.peers { for _ in 0..<window { send(peer) } }
        try go(on: Clock.now + UInt64(seconds: 0.5))
        latencies.reset()
        let interval = try Interval(target.server)
        let before = replies
        try go(on: Clock.now + UInt64(seconds: seconds))
        var members: [(String, Report.Value)] = [
            ("scenario", .text("durable")), ("connections", .number(Double(connections))),
            ("window", .number(Double(window))), ("bytes", .number(Double(size))), ("keys", .number(keys ? 1 : 0)),
        ]
        members += try interval.members(per: "write", count: replies - before)
        members += latencies.members()
        Report.write(members)
    }
}
