import ArgumentParser

/// The load generator of `scripts/bench`: one thread, one epoll loop, loopback only.
@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-load",
        abstract: "Puts a running server under load, checks every delivery, and prints one line of JSON.",
        subcommands: [
            FanOut.self, Rooms.self, Echo.self, Connect.self, Idle.self, DurableWrites.self, History.self,
            ManyRooms.self, SupportDay.self,
            Storm.self, TokenStreams.self,
        ]
    )
}
