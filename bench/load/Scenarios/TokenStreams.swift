import ArgumentParser
import Glibc

/// AI answers as they are written: many streams, tokens at a steady rate, watchers of which some hardly read.
struct TokenStreams: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "CPU of the server per token and watcher; every watcher's text is compared."
    )

    @OptionGroup var target: Target

    @Option(help: "Streams, each in a room of its own.")
    var streams = 1000

    @Option(help: "Tokens a second in each.")
    var rate = 50.0

    @Option(help: "Watchers of each.")
    var watchers = 2

    @Option(help: "Every so many watchers one is slow: it reads 2 KiB a second.")
    var slowEvery = 10

    @Option(help: "Connections of producers.")
    var producers = 20

    @Option(help: "Seconds to measure, after a second that is not counted.")
    var seconds = 5.0

    func validate() throws {
        guard streams > 0, rate > 0, watchers > 0, slowEvery > 1, producers > 0 else {
            throw ValidationError("all are more than 0, one slow watcher in two at most")
        }
    }

    func run() throws {
        let run = try TokenStreamsRun(self)
        try run.open()
        try run.produce(for: 1)
        run.reset()
        let interval = try Interval(target.server)
        let before = run.delivered
        try run.produce(for: seconds)
        var members: [(String, Report.Value)] = [
            ("scenario", .text("tokens")), ("streams", .number(Double(streams))), ("rate", .number(rate)),
            ("watchers", .number(Double(watchers))),
        ]
        members += try interval.members(per: "token", count: run.delivered - before)
        members += run.latencies.members()
        // Whoever was slow has to arrive at the same text as everybody else.
        try run.finish()
        Report.write(members + [("texts_compared", .number(Double(run.finished)))])
    }
}
