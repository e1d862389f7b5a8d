import HubProtocol

/// Everything of one room that its subscribers are to hear after one turn of its home: handed to each loop
/// that has subscribers, once.
struct Batch: Sendable {
    /// Kept events, ascending.
    var events: [KeptEvent] = []
    /// Signals and read marks, the latest of each person and kind.
    var ephemera: [Ephemeral] = []
    /// Who came and went, for those who asked.
    var presence: PresenceNews?
    /// The durable watermark, for those who asked.
    var durable: Int64?
    /// What has grown: shown behind the events, because one of them may open a stream.
    var streams: [StreamGrowth] = []
    /// Streams that ended; their ending events are among the events.
    var endedStreams: [UInt64] = []
    /// The room's head with these events.
    var head: Int64 = 0

    /// Whether there is nothing to hand out.
    var isEmpty: Bool { events.isEmpty && ephemera.isEmpty && presence == nil && durable == nil && streams.isEmpty }

    /// An encoded push that a later one of the same person and kind replaces.
    struct Ephemeral: Sendable {
        var by: String
        var kind: String
        var line: [UInt8]
    }

    /// Joins and leaves of one turn.
    struct PresenceNews: Sendable {
        var join: [PersonInfo]
        var leave: [String]
    }
}
