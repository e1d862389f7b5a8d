import HubProtocol

/// The disk behind the hub. Memory is authoritative for everything since the start; the store is written
/// behind, in groups, by one thread of its own, and tells the hub how far it has come.
///
/// Fulfilled by HubPersistence. Isolation: every call may come from any reactor thread and returns at once;
/// replies and observer calls come on the store's threads, and the hub takes them to its loops through mailboxes.
public protocol EventStore: AnyObject, Sendable {
    /// Every start of the hub and its epoch, in order; the last one is this start's, minted by the store when
    /// it was opened.
    var epochs: EpochList { get }

    /// The revocations that stood when the store was opened.
    var revocations: [Revocation] { get }

    /// How the store is doing right now: one atomic read, asked before every send is accepted.
    var condition: StoreCondition { get }

    /// Rooms that the disk can't read or write, while all others go on: one atomic read.
    var faultyRooms: Int { get }

    /// Names who is told about commits. Called once, before the first write.
    func observe(_ observer: any StoreObserver)

    /// Takes what has been accepted. Never blocks on the disk and never refuses: the hub asks `condition`
    /// first, and a fault after this only makes the commit late. Writes of one room come in the order of offsets.
    func write(_ writes: [StoreWrite])

    /// Reads what a room needs to wake up: its head, the newest events (at most `events` of them and about
    /// `bytes` of encoded lines, whichever is less), the first kept offset, epochs and read marks.
    /// A room nobody has written to has head 0. Only what is committed counts.
    func load(
        _ room: RoomIdentity,
        events: Int,
        bytes: Int,
        reply: @escaping @Sendable (Result<RoomSnapshot, StoreFault>) -> Void
    )

    /// Reads a page of committed events, ascending.
    func history(
        _ room: RoomIdentity,
        _ page: HistoryRange,
        reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    )

    /// Looks up the offsets that committed sends with these keys were given: one entry for each key that is
    /// known, in any order.
    func offsets(
        of keys: [SendKey],
        in room: RoomIdentity,
        reply: @escaping @Sendable (Result<[SendKey: KeyedOffset], StoreFault>) -> Void
    )

    /// The streams that were open when the store was opened. Their text comes with `load` of their room.
    var unfinished: [UnfinishedStream] { get }

    /// Looks up what has become of a stream, for a room of its tenant; nil where none of that id is known.
    func state(
        of stream: String,
        for room: RoomIdentity,
        reply: @escaping @Sendable (Result<StreamState?, StoreFault>) -> Void
    )

    /// Reads all jobs of all tenants that have not ended.
    func openJobs(reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void)

    /// Reads a job; none where the tenant has none of that id.
    func job(_ id: String, of tenant: Tenant, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void)

    /// Reads a page of jobs, newest first, and one more where there is one.
    func jobs(_ page: JobPage, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void)
}

/// Hears of commits and of what else changes on disk, on the writer's thread; must return quickly.
public protocol StoreObserver: AnyObject, Sendable {
    /// What became durable (committed and fsynced) with one group commit.
    func committed(_ commit: StoreCommit)

    /// The condition has changed, for better or worse.
    func conditionChanged(_ condition: StoreCondition)

    /// The disk can't take this room's writes, or can again. Those accepted before wait; new ones are to be
    /// refused, because nobody knows for how long.
    func writabilityChanged(of room: RoomIdentity, isWritable: Bool)

    /// Retention has taken the events of a room below this offset from the disk.
    func trimmed(_ room: RoomKey, firstKept: Int64)
}

/// One thing to keep.
public enum StoreWrite: Sendable {
    /// An event, and with it its key, in one transaction.
    case event(KeptEvent)
    /// An event of a job's room, and with it the job's row, in one transaction.
    indirect case job(KeptEvent, JobRecord)
    /// A read mark: never goes down on disk either.
    case read(room: RoomIdentity, user: String, upto: Int64)
    /// A revocation; a later one of the same subject takes the place of an earlier one.
    case revocation(Revocation)
    /// An event that opens or ends a stream, and the stream's row, in one transaction.
    case stream(KeptEvent, StreamChange)
    /// A piece of an open stream's text.
    case checkpoint(StreamCheckpoint)
    /// Two writes of one room in one transaction, in order.
    indirect case together(StoreWrite, StoreWrite)

    /// The room it belongs to; nil for what belongs to none.
    public var room: RoomIdentity? {
        switch self {
        case .event(let event), .job(let event, _): event.room
        case .read(let room, _, _): room
        case .revocation: nil
        case .stream(let event, _): event.room
        case .checkpoint(let checkpoint): checkpoint.room
        case .together(let first, _): first.room
        }
    }
}

/// What one group commit made durable.
public struct StoreCommit: Sendable {
    /// The highest offset on disk of each room that the commit touched.
    public var durable: [(room: RoomIdentity, offset: Int64)]
    /// The read marks in it.
    public var reads: [(room: RoomIdentity, user: String, upto: Int64)]
    /// The revocations in it.
    public var revocations: [Revocation]
    /// How far the text of streams is on disk: tokens of an attempt.
    public var streams: [(room: RoomIdentity, attempt: Int64, stream: String, tokens: Int64)]

    /// A commit's outcome.
    public init(
        durable: [(room: RoomIdentity, offset: Int64)],
        reads: [(room: RoomIdentity, user: String, upto: Int64)],
        revocations: [Revocation] = [],
        streams: [(room: RoomIdentity, attempt: Int64, stream: String, tokens: Int64)] = []
    ) {
        self.durable = durable
        self.reads = reads
        self.revocations = revocations
        self.streams = streams
    }

    /// Whether there is nothing in it for rooms.
    var isEmpty: Bool { durable.isEmpty && reads.isEmpty && streams.isEmpty }

    /// What of it concerns rooms that are wanted.
    func part(_ isWanted: (RoomIdentity) -> Bool) -> StoreCommit {
        StoreCommit(
            durable: durable.filter { isWanted($0.room) },
            reads: reads.filter { isWanted($0.room) },
            streams: streams.filter { isWanted($0.room) }
        )
    }
}

/// Whether new sends may be accepted.
public enum StoreCondition: Sendable, Equatable {
    /// Writable, lag under the limit.
    case ready
    /// Too far behind: sends get `busy` with this many milliseconds.
    case busy(retryAfter: Int)
    /// The disk refuses: sends get `unavailable`, reads of memory and ephemeral traffic go on.
    case unavailable
}

/// Why a read failed. The sentence is for the log; peers get `unavailable`.
public struct StoreFault: Error, Sendable {
    /// What the disk or the database said.
    public let sentence: String

    /// A fault with its sentence.
    public init(_ sentence: String) {
        self.sentence = sentence
    }
}

/// A room as the disk knows it.
public struct RoomSnapshot: Sendable {
    /// The last committed offset; 0 for a room without events.
    public var head: Int64
    /// The smallest offset that is still kept; `head + 1` where none is.
    public var firstKept: Int64
    /// The newest events, ascending and without gaps, ending at `head`.
    public var events: [KeptEvent]
    /// In which starts the room got its events, ascending: the number of the start (an index into
    /// `EpochList`) and the first offset given in it.
    public var starts: [(start: Int, firstOffset: Int64)]
    /// Each person's read mark.
    public var reads: [String: Int64]
    /// The streams that are open on disk, with their text.
    public var streams: [StoredStream]

    /// A snapshot.
    public init(
        head: Int64,
        firstKept: Int64,
        events: [KeptEvent],
        starts: [(start: Int, firstOffset: Int64)],
        reads: [String: Int64],
        streams: [StoredStream] = []
    ) {
        self.head = head
        self.firstKept = firstKept
        self.events = events
        self.starts = starts
        self.reads = reads
        self.streams = streams
    }
}

/// Which page of a room's past is wanted. Bounds are exclusive; `limit` is 1…1000.
public struct HistoryRange: Sendable {
    /// Where the page lies.
    public enum Anchor: Sendable {
        /// The newest ones below this offset.
        case before(Int64)
        /// The oldest ones above this offset.
        case after(Int64)
    }

    /// Where the page lies.
    public var anchor: Anchor
    /// At most this many events.
    public var limit: Int
    /// Stop before the encoded lines of the page are larger than this, but give at least one event.
    public var bytes: Int

    /// A page.
    public init(_ anchor: Anchor, limit: Int, bytes: Int) {
        self.anchor = anchor
        self.limit = limit
        self.bytes = bytes
    }
}

/// What makes a send idempotent, within its room.
public struct SendKey: Hashable, Sendable {
    /// The sender.
    public let user: String
    /// The sender's key, 1–64 bytes.
    public let key: String

    /// A key of a sender.
    public init(user: String, key: String) {
        self.user = user
        self.key = key
    }

    /// By bytes, as the store compares: texts that Unicode holds equivalent are two keys, and neither's event is lost.
    public static func == (left: SendKey, right: SendKey) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8) && left.user.utf8.elementsEqual(right.user.utf8)
    }
}

/// What an earlier send with the same key was given.
public struct KeyedOffset: Sendable, Hashable {
    /// Its offset.
    public let offset: Int64
    /// When it was accepted, ms since 1970 UTC.
    public let at: Int64

    /// An earlier send's place.
    public init(offset: Int64, at: Int64) {
        self.offset = offset
        self.at = at
    }
}
