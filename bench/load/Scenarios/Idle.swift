import ArgumentParser
import Glibc

/// Many connections, in one room, that do nothing.
struct Idle: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Memory and CPU of the server per idle connection.")

    @OptionGroup var target: Target

    @Option(help: "Connections.")
    var connections = 5000

    @Option(help: "Seconds to hold them; the server's CPU in that time is counted.")
    var hold = 0.0

    func validate() throws {
        guard connections > 200, hold >= 0 else { throw ValidationError("connections are more than 200") }
    }

    func run() throws {
        let tokens = try target.tokens(count: connections)
        let swarm = try Swarm(target)
        let server = target.server
        let room = target.dialect.room(0, of: getpid())
        // The first ones pay for what is made once: loops, pools, the room.
        let first = 100
        try swarm.join(first) { (0, room, tokens[$0]) }
        let (memory, cpu) = (try server.residentBytes(), try server.cpu())
        try swarm.join(connections - first) { (0, room, tokens[first + $0]) }
        let count = Double(connections - first)
        let grown = try server.residentBytes() - memory
        let used = try server.cpu() - cpu
        var members: [(String, Report.Value)] = [
            ("scenario", .text("idle")), ("connections", .number(Double(connections))),
            ("bytes_per_connection", .number(Double(grown) / count)),
            ("cpu_us_per_connect", .number(used.total * 1e6 / count)),
        ]
        if hold > 0 {
            let (start, before) = (Clock.now, try server.cpu())
            let end = start + UInt64(seconds: hold)
            while Clock.now < end { try swarm.turn(until: end) { _, _ in } }
            let idle = try server.cpu() - before
            members += [
                ("hold", .number(hold)),
                ("cpu_us_per_connection_second", .number(idle.total * 1e6 / Double(connections) / hold)),
            ]
        }
        Report.write(members)
    }
}
