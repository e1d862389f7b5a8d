import ArgumentParser
import Glibc

/// Many connections, authenticated, in one room, that do nothing.
struct Idle: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Memory of the server per idle connection.")

    @OptionGroup var target: Target

    @Option(help: "Connections.")
    var connections = 5000

    func run() throws {
        let tokens = try target.tokens(count: connections)
        let swarm = try Swarm(port: target.port)
        let server = ServerProcess(id: target.pid)
        // The first ones pay for what is made once: loops, pools, the room.
        try swarm.join(min(100, connections), room: "ticket:idle") { tokens[$0] }
        let (memory, cpu, first) = (try server.residentBytes(), try server.cpu(), swarm.peers.count)
        try swarm.join(connections - first, room: "ticket:idle") { tokens[first + $0] }
        let count = Double(swarm.peers.count - first)
        let grown = try server.residentBytes() - memory
        let used = try server.cpu() - cpu
        Report.write([
            ("scenario", .text("idle")), ("connections", .number(Double(connections))),
            ("bytes_per_connection", .number(Double(grown) / count)),
            ("cpu_us_per_connect", .number(used.total * 1e6 / count)),
        ])
    }
}
