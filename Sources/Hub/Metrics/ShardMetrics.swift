import HubProtocol
import Reactor

/// What one shard has counted since the start. Plain numbers, written by its loop only and handed out as a copy.
public struct ShardMetrics: Sendable {
    /// The loop's index.
    public var loop = 0
    /// WebSocket clients now.
    public var clients = 0
    /// Rooms in memory now, at their home.
    public var rooms = 0
    /// Places of clients in rooms now.
    public var subscriptions = 0
    /// Clients over the soft limit of their queue now.
    public var lagging = 0
    /// Open streams now, at their home.
    public var openStreams = 0
    /// Bytes of their text.
    public var streamBytes = 0
    /// Streams opened.
    public var streamsOpened: UInt64 = 0
    /// Streams that ended, by how.
    public var streamsEnded: [StreamState: UInt64] = [:]
    /// Tokens taken into streams.
    public var streamTokens: UInt64 = 0
    /// Deltas and snapshots queued for watchers.
    public var streamDeltas: UInt64 = 0
    /// Times a watcher fell behind and was given larger deltas later.
    public var streamLags: UInt64 = 0
    /// Pieces of text handed to the store.
    public var streamCheckpoints: UInt64 = 0
    /// Questions put to the assistant.
    public var questions: UInt64 = 0
    /// Commands read, malformed ones included.
    public var commands: UInt64 = 0
    /// `hello`s that succeeded.
    public var hellos: UInt64 = 0
    /// Events accepted.
    public var accepted: UInt64 = 0
    /// Sends answered with an earlier send's offset.
    public var duplicates: UInt64 = 0
    /// Events queued for subscribers: one for each event and subscriber.
    public var deliveries: UInt64 = 0
    /// Malformed commands.
    public var refusals: UInt64 = 0
    /// Refusals by rate limits.
    public var rateRefusals = RateRefusals()
    /// Requests refused because too much waited for a room that the disk had not given.
    public var waitRefusals: UInt64 = 0
    /// Revocations made here.
    public var revocations: UInt64 = 0
    /// Credentials refused because they were revoked.
    public var revokedRefusals: UInt64 = 0
    /// Connections that broke RFC 6455.
    public var violations: UInt64 = 0
    /// Connections closed because they read too slowly.
    public var tooSlow: UInt64 = 0
    /// Connections the hub closed, by close code.
    public var closes: [UInt16: UInt64] = [:]
    /// The jobs, where the loop is theirs.
    public var jobs: JobCounts?
    /// Turns, bytes, accepts of the loop itself.
    public var statistics = LoopStatistics()

    mutating func closed(with code: CloseCode) {
        closes[code.rawValue, default: 0] += 1
    }
}
