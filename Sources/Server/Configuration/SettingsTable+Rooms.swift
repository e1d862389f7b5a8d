/// What bounds peers, rooms and the store.
extension SettingsTable {
    static let limits: [Setting] = [
        Setting(
            "rate_limits",
            .choice(["on", "off"]),
            standard: "on",
            flag: "--rate-limits",
            "`off` lifts every limit per second, for benches."
        ),
        Setting(
            "limits.connections",
            .number(0...10_000_000),
            standard: "0",
            "Connections of the whole process, over which a new one gets 503; 0: what the limit on open files leaves."
        ),
        Setting(
            "limits.connections_per_address",
            .number(1...10_000_000),
            standard: "200",
            "Connections of one address, a /64 of IPv6; over it 503; loopback and trusted proxies are exempt."
        ),
        Setting(
            "limits.accepts_per_address",
            .number(1...1_000_000),
            standard: "50",
            "New connections a second of one address; over it 503; loopback and trusted proxies are exempt."
        ),
        Setting(
            "limits.frame_bytes",
            .number(1_024...16_777_216),
            standard: "262144",
            "Largest WebSocket frame and message; over it 1009."
        ),
        Setting(
            "limits.data_bytes",
            .number(64...1_048_576),
            standard: "65536",
            "Largest `data` of a send; over it `too_large`."
        ),
        Setting("limits.rooms", .number(1...100_000), standard: "200", "Rooms of one connection."),
        Setting(
            "limits.malformed_commands",
            .number(0...1_000),
            standard: "10",
            "Malformed commands that a connection may send before 4400."
        ),
        Setting(
            "limits.commands_per_frame",
            .number(1...10_000),
            standard: "64",
            "Commands that a frame may hold; those behind get `bad_request`."
        ),
        Setting("limits.hello_ms", .number(100...600_000), standard: "10000", "Time to a `hello` before 4401."),
        Setting(
            "limits.queue_soft_bytes",
            .number(4_096...1_073_741_824),
            standard: "65536",
            "Outbound bytes of a connection from which typing and presence are conflated."
        ),
        Setting(
            "limits.queue_hard_bytes",
            .number(65_536...1_073_741_824),
            standard: "1048576",
            "Outbound bytes of a connection from which it is closed with 4408."
        ),
        Setting(
            "limits.queue_age_ms",
            .number(100...600_000),
            standard: "20000",
            "Age of the oldest outbound byte at which a connection is closed with 4408."
        ),
        Setting(
            "limits.unanswered_commands",
            .number(1...1_000_000),
            standard: "4096",
            "Commands of a connection that wait for answers; nothing more is read until there is room."
        ),
        Setting(
            "limits.room_waiting_bytes",
            .number(65_536...1_073_741_824),
            standard: "4194304",
            "Bytes of requests that wait for a room which the disk has not given; over it `busy`."
        ),
        Setting(
            "limits.waiting_bytes",
            .number(65_536...4_294_967_296),
            standard: "67108864",
            "The same for all rooms of a loop together."
        ),
        Setting(
            "limits.revocations",
            .number(1...10_000_000),
            standard: "100000",
            "Revocations that stand in a tenant at a time; over it `too_large`."
        ),
        Setting(
            "limits.head_ms",
            .number(100...600_000),
            standard: "10000",
            "Time to the end of an HTTP request's head, before 408."
        ),
        Setting(
            "limits.body_ms",
            .number(100...600_000),
            standard: "30000",
            "Time from the head to the end of an HTTP request's body, before 408."
        ),
        Setting(
            "limits.idle_ms",
            .number(100...3_600_000),
            standard: "60000",
            "Silence between two HTTP requests before the connection ends."
        ),
        Setting(
            "limits.body_bytes",
            .number(1_024...16_777_216),
            standard: "131072",
            "Largest body of an HTTP request; over it 413."
        ),
    ]

    static let rooms: [Setting] = [
        Setting(
            "ring.events",
            .number(1...100_000),
            standard: "1000",
            "Newest events that a room holds in memory."
        ),
        Setting(
            "ring.bytes",
            .number(65_536...1_073_741_824),
            standard: "1048576",
            "Bytes of newest events that a room holds in memory."
        ),
        Setting(
            "ring.recover_events",
            .number(0...100_000),
            standard: "1000",
            "How far behind a client may be and still be brought up to date event by event."
        ),
        Setting(
            "ring.idle_ms",
            .number(1_000...86_400_000),
            standard: "60000",
            "A room without people and unwritten events leaves memory after this."
        ),
        Setting(
            "presence.leave_delay_ms",
            .number(0...600_000),
            standard: "5000",
            "Time between a person's last connection and the `leave`."
        ),
    ]

    static let store: [Setting] = [
        Setting(
            "store.synchronous",
            .choice(["full", "normal"]),
            standard: "full",
            "`full`: durable means fsynced. `normal`: a power cut may take the last commits."
        ),
        Setting(
            "store.commit_interval_ms",
            .number(0...1_000),
            standard: "5",
            "Longest wait of an event for its group commit."
        ),
        Setting(
            "store.commit_events",
            .number(1...100_000),
            standard: "1000",
            "Events that close a group commit early."
        ),
        Setting(
            "store.lag_events",
            .number(1_000...10_000_000),
            standard: "100000",
            "Events waiting for the disk from which sends get `busy`."
        ),
        Setting(
            "store.lag_bytes",
            .number(1_048_576...4_294_967_296),
            standard: "134217728",
            "Bytes waiting for the disk from which sends get `busy`."
        ),
        Setting(
            "store.lag_ms",
            .number(100...600_000),
            standard: "10000",
            "Age of the oldest waiting event from which sends get `busy`."
        ),
        Setting(
            "retention.*.days",
            .number(1...36_500),
            standard: "",
            "Days that events of rooms of this kind are kept; unset keeps everything."
        ),
        Setting(
            "retention.*.events",
            .number(1...1_000_000_000),
            standard: "",
            "Newest events that a room of this kind keeps; unset keeps everything."
        ),
    ]
}
