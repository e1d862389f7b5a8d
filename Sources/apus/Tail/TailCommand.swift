import ArgumentParser

/// `apus tail ROOM`: prints a live room's events, one JSON object a line.
struct TailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print a room's events as they come, one JSON object a line.",
        discussion: "Ends when the hub closes the connection; exit status 1 where it refuses."
    )

    @Argument(help: "The room, such as ticket:42.")
    var room: String
    @Option(help: "Where the hub is.")
    var url = "http://127.0.0.1:8080"
    @Option(help: "A token with the right to read the room; see apus token.")
    var token: String
    @Option(help: "First print what was kept after this offset; 0 from the beginning.")
    var since: Int?

    func run() throws {
        guard let address = HubAddress(url) else {
            throw Failure(sentence: "--url: must be such as http://127.0.0.1:8080; TLS is not spoken", status: 2)
        }
        guard since ?? 0 >= 0 else { throw Failure(sentence: "--since: must not be negative", status: 2) }
        var tail = RoomTail(try HubSocket(address), room: room)
        try tail.run(token: token, since: since.map(Int64.init))
    }
}
