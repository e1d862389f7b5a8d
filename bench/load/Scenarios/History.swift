import ArgumentParser
import Glibc

/// One room with so many events: what it takes to join it, to read back in it, and to recover.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Joining, reading and recovering in a room with a long history."
    )

    @OptionGroup var target: Target

    @Option(help: "Events in the room.")
    var events = 1000

    @Option(help: "How often each thing is done.")
    var times = 200

    func validate() throws {
        guard events >= 100, times > 0 else { throw ValidationError("events are at least 100, times at least 1") }
    }

    func run() throws {
        let tokens = try target.tokens(count: 1)
        let swarm = try Swarm(target)
        let room = Dialect.apus.room(0, of: getpid())
        try swarm.join(1) { _ in (0, room, tokens[0]) }
        let peer = swarm.peers[0]
        let filling = Clock.now
        let epoch = try fill(room, swarm)
        let filled = (Clock.now - filling).seconds

        // Places all over the room, the same in every run.
        func place(_ turn: Int) -> Int { 1 + (turn &* 7_919 &+ 13) % (events - 60) }
        let commands: [(name: String, text: (Int) -> String)] = [
            ("sub", { _ in #""sub","limit":50"# }),
            ("recover", { _ in #""sub","limit":0,"since":\#(events - 50),"epoch":"\#(epoch)""# }),
            ("newest", { _ in #""history","limit":50"# }),
            ("anywhere", { #""history","limit":50,"after":\#(place($0))"# }),
        ]
        var members: [(String, Report.Value)] = [
            ("scenario", .text("history")), ("events", .number(Double(events))), ("fill_seconds", .number(filled)),
        ]
        for (name, text) in commands {
            var latencies = Latencies()
            for turn in 0..<times {
                let begun = Clock.now
                try ask(#""room":"\#(room)","cmd":\#(text(turn))"#, peer, swarm)
                latencies.record(from: begun, to: Clock.now)
            }
            members += latencies.members(prefix: "\(name)_")
        }
        Report.write(members + [("resident_mb", .number(Double(try target.server.residentBytes()) / 1_048_576))])
    }

    /// Writes the events, a few hundred under way, and gives the room's epoch.
    private func fill(_ room: String, _ swarm: Swarm) throws -> String {
        let peer = swarm.peers[0]
        var (sent, answered) = (0, 0)
        var epoch = ""
        func send() {
            sent += 1
            let ack = sent == events ? "durable" : "accepted"
            let text = "a message of a usual length, number \(sent), as people write them to each other"
            peer.send(
                text:
                    #"{"id":\#(peer.nextID()),"cmd":"send","room":"\#(room)","kind":"message","ack":"\#(ack)","data":"\#(text)"}"#
            )
        }
        while sent < min(256, events) { send() }
        let limit = Clock.now + 900_000_000_000
        while answered < events {
            guard Clock.now < limit else { throw LoadError("the room was not filled within 15 minutes") }
            try swarm.turn(until: limit) { _, inbound in
                guard case .message(let payload) = inbound else { return }
                try HubLine.each(in: payload) { line in
                    guard try HubLine.answered(by: line) != nil else { return }
                    answered += 1
                    if answered == 1 { epoch = History.epoch(in: String(decoding: line, as: UTF8.self)) }
                    if sent < events { send() }
                }
            }
        }
        return epoch
    }

    /// Of `…"epoch":"x1y2"…`.
    private static func epoch(in line: String) -> String {
        guard let key = line.firstRange(of: #""epoch":""#) else { return "" }
        return String(line[key.upperBound...].prefix { $0 != "\"" })
    }

    private func ask(_ body: String, _ peer: Peer, _ swarm: Swarm) throws {
        let id = peer.nextID()
        peer.send(text: #"{"id":\#(id),\#(body)}"#)
        var isAnswered = false
        try swarm.run(until: { isAnswered }) { _, inbound in
            guard case .message(let payload) = inbound else { return }
            try HubLine.each(in: payload) { if try HubLine.answered(by: $0) == id { isAnswered = true } }
        }
    }
}
