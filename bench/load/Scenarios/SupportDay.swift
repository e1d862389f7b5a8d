import ArgumentParser
import Glibc

/// A support team's day, sped up: people arrive, write, type, read and look around, and programs use the HTTP API.
struct SupportDay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day",
        abstract: "1000 people in 200 rooms: how long each thing they do takes, and what it costs."
    )

    @OptionGroup var target: Target

    @Option(help: "People.")
    var people = 1000

    @Option(help: "Rooms; people are spread evenly.")
    var rooms = 200

    @Option(help: "How much faster than one message a person every 10 s.")
    var pace = 1.0

    @Option(help: "Seconds to measure, after a second that is not counted.")
    var seconds = 10.0

    @Option(help: "Connections of programs that use the HTTP API.")
    var programs = 16

    func validate() throws {
        guard rooms > 0, people >= rooms, people % rooms == 0, pace > 0, programs > 0 else {
            throw ValidationError("people are a multiple of rooms; pace and programs are more than 0")
        }
    }

    func run() throws {
        let day = try SupportDayRun(self)
        let arrival = try day.arrive()
        try day.live(for: 1)
        day.reset()
        let interval = try Interval(target.server)
        try day.live(for: seconds)
        var members: [(String, Report.Value)] = [
            ("scenario", .text("day")), ("people", .number(Double(people))), ("rooms", .number(Double(rooms))),
            ("pace", .number(pace)), ("arrival_seconds", .number(arrival)),
        ]
        members += try interval.members(per: "action", count: day.actions)
        try day.settle()
        Report.write(members + day.latencies())
    }
}
