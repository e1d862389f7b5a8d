/// How far somebody has been told of a stream: the attempt, and a place in its text.
struct StreamCursor: Sendable, Hashable {
    var attempt: Int64
    var place: StreamText.Place
}

/// What a stream is called: unique in its tenant.
public struct StreamKey: Hashable, Sendable {
    /// The tenant.
    public let tenant: Tenant
    /// The id within it.
    public let id: String

    /// A key.
    public init(tenant: Tenant, id: String) {
        self.tenant = tenant
        self.id = id
    }
}

/// A stream's growth in one turn of its room, encoded: handed to each loop that has watchers.
struct StreamGrowth: Sendable {
    /// The stream, by a number that is its own at its home.
    var handle: UInt64
    /// Where a watcher is that has got it.
    var cursor: StreamCursor
    /// A delta, or a snapshot where the attempt changed.
    var line: [UInt8]
}

/// What a watcher that fell behind is given to catch up.
struct StreamPage: Sendable {
    /// Which of the watcher's requests it answers.
    var generation: UInt32
    var lines: [[UInt8]]
    /// Where the watcher is with them.
    var cursors: [UInt64: StreamCursor]
    /// Whether nothing is missing any more: live growth follows.
    var isComplete: Bool
}
