import ArgumentParser
import Glibc

/// Rooms that were used once: what each costs while it is in memory, and what is left when it sleeps.
struct ManyRooms: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "many-rooms",
        abstract: "Memory of the server per room, awake and asleep."
    )

    @OptionGroup var target: Target

    @Option(help: "Rooms, each with one event.")
    var rooms = 10_000

    @Option(help: "Seconds after which idle rooms have left memory, as the hub is set (ring.idle_ms) and a sweep more.")
    var idle = 4.0

    func validate() throws {
        guard rooms > 0, idle >= 0 else { throw ValidationError("there is at least one room") }
    }

    func run() throws {
        let tokens = try target.tokens(count: 1)
        let swarm = try Swarm(target)
        let server = target.server
        try swarm.join(1) { _ in (0, "ticket:first", tokens[0]) }
        let peer = swarm.peers[0]
        let before = try server.residentBytes()
        let began = Clock.now
        var (sent, answered) = (0, 0)
        func send() {
            sent += 1
            peer.send(
                text:
                    #"{"id":\#(peer.nextID()),"cmd":"send","room":"ticket:room-\#(sent)","kind":"message","data":"hello"}"#
            )
        }
        while sent < min(512, rooms) { send() }
        let limit = Clock.now + 300_000_000_000
        while answered < rooms {
            guard Clock.now < limit else { throw LoadError("the rooms were not made within 5 minutes") }
            try swarm.turn(until: limit) { _, inbound in
                guard case .message(let payload) = inbound else { return }
                try HubLine.each(in: payload) { line in
                    guard try HubLine.answered(by: line) != nil else { return }
                    answered += 1
                    if sent < rooms { send() }
                }
            }
        }
        let made = (Clock.now - began).seconds
        let awake = try server.residentBytes()
        let until = Clock.now + UInt64(seconds: idle)
        while Clock.now < until { try swarm.turn(until: until) { _, _ in } }
        Report.write([
            ("scenario", .text("many-rooms")), ("rooms", .number(Double(rooms))), ("made_seconds", .number(made)),
            ("bytes_per_room", .number(Double(awake - before) / Double(rooms))),
            ("resident_mb", .number(Double(try server.residentBytes()) / 1_048_576)),
            ("bytes_per_sleeping_room", .number(Double(try server.residentBytes() - before) / Double(rooms))),
        ])
    }
}
