import ArgumentParser
import Glibc

/// Everybody is cut off at once, misses something, and comes back at once with room, offset and epoch in `hello`.
struct Storm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How long all take to be up to date again after a cut and, with --restart, after a new start.",
        discussion: """
            With --restart it prints {"ready":1} when everybody is away and all they will have missed is durable, and \
            reads "PORT PID" of the hub's next start from its input.
            """
    )

    @OptionGroup var target: Target

    @Option(help: "Connections.")
    var connections = 10_000

    @Option(help: "Rooms that they are spread over.")
    var rooms = 500

    @Option(help: "Events that each room gets while they are away.")
    var missed = 20

    @Flag(help: "A second storm, on another start of the hub.")
    var restart = false

    func validate() throws {
        guard target.dialect == .apus, rooms > 0, connections >= rooms, missed > 0 else {
            throw ValidationError("the hub only; at least one connection a room, at least one event missed")
        }
    }

    func run() throws {
        let tokens = try target.tokens(count: connections + 1)
        let names = (0..<rooms).map { Dialect.apus.room($0, of: getpid()) }
        var crowd = StormCrowd(target, tokens: tokens, rooms: names)
        try crowd.comeBack()
        crowd.leave()
        try crowd.post(missed)
        try report("cut", of: &crowd)
        guard restart else { return }
        crowd.leave()
        try crowd.post(missed)
        print("{\"ready\":1}")
        fflush(nil)
        let words = readLine()?.split(separator: " ") ?? []
        guard words.count == 2, let port = UInt16(words[0]), let id = Int32(words[1]) else {
            throw LoadError("the next start's port and process were to be read")
        }
        var next = target
        next.port = port
        next.pid = [id]
        crowd.target = next
        try report("restart", of: &crowd)
    }

    /// Has everybody come back, then be told one thing more: nobody's place in the room is lost.
    private func report(_ after: String, of crowd: inout StormCrowd) throws {
        let readsBefore = try crowd.databaseReads()
        let interval = try Interval(crowd.target.server)
        let latencies = try crowd.comeBack()
        let members = try interval.members(per: "client", count: connections)
        let reads = try crowd.databaseReads() - readsBefore
        try crowd.post(1)
        try crowd.hear()
        Report.write(
            [
                ("scenario", .text("storm")), ("after", .text(after)), ("connections", .number(Double(connections))),
                ("rooms", .number(Double(rooms))), ("missed", .number(Double(missed))),
                ("database_reads", .number(Double(reads))),
            ] + latencies.members() + members
        )
        fflush(nil)
    }
}
