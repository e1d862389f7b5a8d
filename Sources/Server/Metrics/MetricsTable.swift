/// Every metric of the page, by where its figures come from. docs/operations.md has a line for each, which a test
/// compares.
enum MetricsTable {
    static let build = Metric(
        name: "apus_build_info",
        kind: .gauge,
        help: "Always 1; the labels name version and backend."
    )
    static let startTime = Metric(
        name: "apus_process_start_time_seconds",
        kind: .gauge,
        help: "When the process started, in seconds since 1970."
    )
    static let cpu = Metric(
        name: "apus_process_cpu_seconds_total",
        kind: .counter,
        help: "CPU time of the process, user and system."
    )
    static let memory = Metric(
        name: "apus_process_resident_memory_bytes",
        kind: .gauge,
        help: "Resident memory of the process."
    )
    static let openFiles = Metric(
        name: "apus_process_open_file_descriptors",
        kind: .gauge,
        help: "Open files and sockets of the process."
    )
    static let maxFiles = Metric(
        name: "apus_process_max_file_descriptors",
        kind: .gauge,
        help: "Limit on open files and sockets."
    )

    static let connections = Metric(
        name: "apus_connections_open",
        kind: .gauge,
        help: "Open connections, HTTP and WebSocket."
    )
    static let accepts = Metric(
        name: "apus_connections_accepted_total",
        kind: .counter,
        help: "Connections accepted, refused ones included."
    )
    static let refusedAccepts = Metric(
        name: "apus_connections_refused_total",
        kind: .counter,
        help: "Connections turned away with 503 or cut, by reason."
    )
    static let acceptPauses = Metric(
        name: "apus_accept_pauses_total",
        kind: .counter,
        help: "Times accepting paused because descriptors ran out."
    )
    static let received = Metric(
        name: "apus_received_bytes_total",
        kind: .counter,
        help: "Bytes received from peers."
    )
    static let sent = Metric(
        name: "apus_sent_bytes_total",
        kind: .counter,
        help: "Bytes the kernel took over for peers."
    )
    static let sends = Metric(
        name: "apus_socket_sends_total",
        kind: .counter,
        help: "Sends that the kernel took bytes of."
    )
    static let turns = Metric(
        name: "apus_loop_turn_seconds",
        kind: .histogram,
        help: "How long a loop's turns took, waiting excluded."
    )
    static let longestTurn = Metric(
        name: "apus_loop_longest_turn_seconds",
        kind: .gauge,
        help: "The longest turn since the start."
    )
    static let heldSends = Metric(
        name: "apus_loop_held_sends_total",
        kind: .counter,
        help: "Times a busy loop held its sends back so that more could join them."
    )
    static let sparedSends = Metric(
        name: "apus_socket_sends_spared_total",
        kind: .counter,
        help: "Sends that were spared because messages joined held ones."
    )
    static let wakeUps = Metric(
        name: "apus_loop_wakeups_total",
        kind: .counter,
        help: "Times another thread woke a sleeping loop."
    )

    static let tlsHandshakes = Metric(
        name: "apus_tls_handshakes_total",
        kind: .counter,
        help: "TLS handshakes completed, resumed ones included."
    )
    static let tlsResumed = Metric(
        name: "apus_tls_resumed_total",
        kind: .counter,
        help: "TLS handshakes that took up an earlier session."
    )
    static let tlsFailures = Metric(
        name: "apus_tls_failures_total",
        kind: .counter,
        help: "Connections that TLS ended, by reason."
    )
    static let certificateExpiry = Metric(
        name: "apus_tls_certificate_expiry_seconds",
        kind: .gauge,
        help: "When the certificate in use ends, in seconds since 1970; absent without TLS."
    )
    static let certificateReloads = Metric(
        name: "apus_tls_reloads_total",
        kind: .counter,
        help: "Times certificate and key were read again, by outcome; absent without TLS."
    )

    static let replies = Metric(
        name: "apus_http_replies_total",
        kind: .counter,
        help: "HTTP replies by class of status."
    )
    static let limitedRequests = Metric(
        name: "apus_http_rate_limited_total",
        kind: .counter,
        help: "Requests refused because their address asked too often, by kind of route."
    )
    static let upgrades = Metric(
        name: "apus_http_upgrades_total",
        kind: .counter,
        help: "Connections that became WebSockets."
    )

    static let clients = Metric(name: "apus_clients_open", kind: .gauge, help: "WebSocket clients of the hub.")
    static let rooms = Metric(name: "apus_rooms_active", kind: .gauge, help: "Rooms in memory.")
    static let subscriptions = Metric(
        name: "apus_subscriptions_open",
        kind: .gauge,
        help: "Places of clients in rooms."
    )
    static let lagging = Metric(
        name: "apus_clients_lagging",
        kind: .gauge,
        help: "Clients over the soft limit of their outbound queue."
    )
    static let commands = Metric(
        name: "apus_commands_total",
        kind: .counter,
        help: "Commands read, malformed ones included."
    )
    static let malformed = Metric(name: "apus_commands_malformed_total", kind: .counter, help: "Malformed commands.")
    static let hellos = Metric(name: "apus_hellos_total", kind: .counter, help: "Successful hellos.")
    static let accepted = Metric(name: "apus_events_accepted_total", kind: .counter, help: "Events given an offset.")
    static let duplicates = Metric(
        name: "apus_sends_duplicate_total",
        kind: .counter,
        help: "Sends answered with an earlier send's offset."
    )
    static let rateLimited = Metric(
        name: "apus_rate_limited_total",
        kind: .counter,
        help: "Refusals by rate limits, by what is counted and whose it is."
    )
    static let waitRefusals = Metric(
        name: "apus_room_wait_refused_total",
        kind: .counter,
        help: "Requests refused with busy because too much waited for a room that the disk had not given."
    )
    static let revocations = Metric(
        name: "apus_revocations_total",
        kind: .counter,
        help: "Revocations made."
    )
    static let revokedRefusals = Metric(
        name: "apus_revoked_credentials_total",
        kind: .counter,
        help: "Credentials refused because they were revoked."
    )
    static let deliveries = Metric(
        name: "apus_deliveries_total",
        kind: .counter,
        help: "Events queued for subscribers, one for each of both."
    )
    static let violations = Metric(
        name: "apus_protocol_violations_total",
        kind: .counter,
        help: "Connections that broke RFC 6455."
    )
    static let tooSlow = Metric(
        name: "apus_queue_drops_total",
        kind: .counter,
        help: "Connections closed with their queue because they read too slowly."
    )
    static let closes = Metric(
        name: "apus_closes_total",
        kind: .counter,
        help: "Connections the hub closed, by close code."
    )

    static let storeReady = Metric(
        name: "apus_store_ready",
        kind: .gauge,
        help: "1 where sends may be accepted, 0 where busy or unavailable."
    )
    static let unreadableRooms = Metric(
        name: "apus_store_rooms_unreadable",
        kind: .gauge,
        help: "Rooms that the disk cannot read."
    )
    static let unwritableRooms = Metric(
        name: "apus_store_rooms_unwritable",
        kind: .gauge,
        help: "Rooms whose writes wait because their place on disk is damaged."
    )
    static let lagEvents = Metric(
        name: "apus_store_lag_events",
        kind: .gauge,
        help: "Writes accepted and not yet committed."
    )
    static let lagBytes = Metric(name: "apus_store_lag_bytes", kind: .gauge, help: "Memory that those writes take.")
    static let lagSeconds = Metric(
        name: "apus_store_lag_seconds",
        kind: .gauge,
        help: "How long the oldest of those writes has waited."
    )
    static let commits = Metric(name: "apus_store_commits_total", kind: .counter, help: "Group commits.")
    static let committed = Metric(name: "apus_store_events_total", kind: .counter, help: "Events committed.")
    static let committedReads = Metric(
        name: "apus_store_read_marks_total",
        kind: .counter,
        help: "Read marks committed."
    )
    static let commitFailures = Metric(
        name: "apus_store_commit_failures_total",
        kind: .counter,
        help: "Commits that failed and were tried again."
    )
    static let batchSizes = Metric(
        name: "apus_store_batch_events",
        kind: .histogram,
        help: "Writes of a group commit."
    )
    static let commitSeconds = Metric(
        name: "apus_store_commit_seconds",
        kind: .histogram,
        help: "How long a group commit took, fsync included."
    )
    static let synchronous = Metric(
        name: "apus_store_synchronous_full",
        kind: .gauge,
        help: "1 where every commit is fsynced, as read back from SQLite."
    )
    static let wal = Metric(name: "apus_store_wal_bytes", kind: .gauge, help: "Size of the write-ahead log.")
    static let database = Metric(name: "apus_store_database_bytes", kind: .gauge, help: "Size of the database.")
    static let checkpointFailures = Metric(
        name: "apus_store_checkpoint_failures_total",
        kind: .counter,
        help: "Checkpoints that an error ended."
    )
    static let expired = Metric(
        name: "apus_store_expired_events_total",
        kind: .counter,
        help: "Events that retention took away."
    )
    static let reads = Metric(name: "apus_store_reads_total", kind: .counter, help: "Reads answered from disk.")
    static let readFaults = Metric(
        name: "apus_store_read_faults_total",
        kind: .counter,
        help: "Reads answered with a fault."
    )
    static let readsWaiting = Metric(
        name: "apus_store_reads_waiting",
        kind: .gauge,
        help: "Reads that wait for a thread."
    )
    static let readSeconds = Metric(
        name: "apus_store_read_seconds",
        kind: .histogram,
        help: "How long a read from disk took."
    )
}
