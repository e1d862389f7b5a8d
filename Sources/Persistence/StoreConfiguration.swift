import Logging

/// How the store behaves; everything but the folder has a default.
public struct StoreConfiguration: Sendable {
    /// The data folder: made with mode 0700 where it does not exist. The database is `apus.sqlite` in it.
    public var folder: String

    /// What a commit waits for. Default: `full`.
    public var synchronous: Synchronous = .full

    /// A batch closes this long after its first write. Default 5 ms.
    public var commitInterval: Duration = .milliseconds(5)
    /// A batch closes with this many writes. Default 1000, at least 1.
    public var commitWrites = 1000

    /// So many writes accepted but not committed make the store `busy`. Default 100 000.
    public var lagWrites = 100_000
    /// So many bytes accepted but not committed make the store `busy`. Default 64 MiB.
    public var lagBytes = 64 << 20
    /// A write accepted this long ago and still not committed makes the store `busy`. Default 10 s.
    public var lagTime: Duration = .seconds(10)

    /// Threads that answer reads. Default 2, 1…16.
    public var readThreads = 2

    /// How long past events of a kind of room stay, by the part of the room's name before `:`. A kind that is
    /// not named keeps everything.
    public var retention: [String: Retention] = [:]
    /// How often the writer looks for events past their time. Default 1 h.
    public var retentionInterval: Duration = .seconds(3600)
    /// A sender's key outlives its event up to this age. Default 7 days, which the contract promises.
    public var keyLifetime: Duration = .seconds(7 * 86_400)

    /// How long a commit or the opening waits for another process that holds the database. Default 1 s.
    public var busyTimeout: Duration = .seconds(1)
    /// Pages of 4 KiB in the write-ahead log from which on the writer copies them into the database after a
    /// commit. Default 4096.
    public var checkpointPages = 4096
    /// Pages from which on the writer waits, for at most 50 ms a second, until no reader needs the log, so that
    /// it starts again at its beginning. Default 16 384 (64 MiB).
    public var walPages = 16_384
    /// Rooms whose row the writer remembers: the cache holds this many to twice as many. Default 10 000.
    public var cachedRooms = 10_000

    /// Where the store says what happened. Default: nowhere.
    public var logger = Logger(label: "apus.store") { _ in SwiftLogNoOpLogHandler() }

    /// The defaults, for a folder.
    public init(folder: String) {
        self.folder = folder
    }

    /// What a commit waits for (SQLite's `synchronous` in WAL mode).
    public enum Synchronous: Int, Sendable {
        /// Not for the disk: a power cut may take the newest commits, though never a part of one; the end of
        /// the process takes nothing.
        case normal = 1
        /// For the disk: what was told as durable survives a power cut.
        case full = 2
    }

    /// How long past events stay. Where both are given an event goes as soon as either says so.
    public struct Retention: Sendable, Hashable {
        /// Events older than this many days go; nil: age does not matter.
        public var days: Int?
        /// Only this many newest events of a room stay; nil: number does not matter.
        public var events: Int?

        /// A rule; without either bound everything stays.
        public init(days: Int? = nil, events: Int? = nil) {
            self.days = days
            self.events = events
        }
    }
}
