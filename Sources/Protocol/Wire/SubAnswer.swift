/// The answer to `sub`: the `ok` object, also of each room of `hello`.
public struct SubAnswer: Sendable {
    /// The present epoch.
    public var epoch: String
    /// The last offset given.
    public var head: Int64
    /// The highest offset on disk.
    public var durable: Int64
    /// Whether `events` joins what the client holds without a gap.
    public var recovered: Bool
    /// The client drops what it holds after this offset.
    public var truncatedTo: Int64?
    /// Encoded lines of `Push.kept`, ascending.
    public var events: [[UInt8]]
    /// Older kept events exist before the first.
    public var more: Bool
    /// Encoded snapshots of open streams.
    public var streams: [[UInt8]]
    /// Each person's read mark.
    public var reads: [(user: String, upto: Int64)]
    /// Who is there, where asked for.
    public var presence: [PersonInfo]?

    /// An answer.
    public init(
        epoch: String,
        head: Int64,
        durable: Int64,
        recovered: Bool,
        truncatedTo: Int64? = nil,
        events: [[UInt8]],
        more: Bool,
        streams: [[UInt8]] = [],
        reads: [(user: String, upto: Int64)] = [],
        presence: [PersonInfo]? = nil
    ) {
        self.epoch = epoch
        self.head = head
        self.durable = durable
        self.recovered = recovered
        self.truncatedTo = truncatedTo
        self.events = events
        self.more = more
        self.streams = streams
        self.reads = reads
        self.presence = presence
    }
}
