/// What is told of streams.
extension MetricsTable {
    static let openStreams = Metric(name: "apus_streams_open", kind: .gauge, help: "Open streams.")
    static let streamBytes = Metric(
        name: "apus_streams_text_bytes",
        kind: .gauge,
        help: "Text of open streams in memory."
    )
    static let streamsOpened = Metric(name: "apus_streams_opened_total", kind: .counter, help: "Streams opened.")
    static let streamsEnded = Metric(name: "apus_streams_ended_total", kind: .counter, help: "Streams that ended.")
    static let streamTokens = Metric(
        name: "apus_stream_tokens_total",
        kind: .counter,
        help: "Tokens appended to streams."
    )
    static let streamDeltas = Metric(
        name: "apus_stream_deltas_total",
        kind: .counter,
        help: "Deltas and snapshots queued for readers, one for each of both."
    )
    static let streamLags = Metric(
        name: "apus_stream_lags_total",
        kind: .counter,
        help: "Times a reader fell behind and got larger deltas later."
    )
    static let streamCheckpoints = Metric(
        name: "apus_stream_checkpoints_total",
        kind: .counter,
        help: "Pieces of text handed to the store."
    )
    static let questions = Metric(
        name: "apus_questions_total",
        kind: .counter,
        help: "Questions put to the assistant."
    )
}
