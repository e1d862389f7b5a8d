/// What bounds streams, and what rooms do with questions.
extension SettingsTable {
    static let streams: [Setting] = [
        Setting(
            "streams.per_connection",
            .number(1...1_000_000),
            standard: "1024",
            "Open streams that a connection may produce."
        ),
        Setting("streams.per_room", .number(1...10_000), standard: "64", "Open streams of a room."),
        Setting(
            "streams.memory_bytes",
            .number(1_048_576...68_719_476_736),
            standard: "268435456",
            "Text of all open streams of a loop from which appends get `busy`."
        ),
        Setting(
            "streams.grace_ms",
            .number(0...3_600_000),
            standard: "30000",
            "How long a stream without its producer stays open before it ends as `interrupted`."
        ),
        Setting(
            "ask.*.policy",
            .choice(["queue", "refuse", "replace"]),
            standard: "",
            "What a room of this kind does with a question while it answers another; unset queues it."
        ),
        Setting(
            "ask.waiting",
            .number(0...1_000),
            standard: "8",
            "Questions that may wait in a room; one more gets `busy`."
        ),
    ]
}
