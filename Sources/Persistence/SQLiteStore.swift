import GRDB
import Glibc
import HubCore
import HubProtocol
import Logging

/// The hub's disk: an SQLite database that one thread writes behind the hub's back, in groups.
///
/// It owns the data folder (locked for as long as it is open), the database in it, one writer thread and a few
/// reader threads. It refuses to drop what it has accepted: a disk that does not take a batch is asked again
/// until it does, and meanwhile `condition` says so.
///
/// Isolation: every call may come from any thread and returns at once, but `open` and `close`, which wait for
/// the disk. Observer calls come on the writer's thread, replies on the readers'.
public final class SQLiteStore: EventStore {
    /// Every start of the hub on this database; the last is this one.
    public let epochs: EpochList
    /// The revocations that stood when it was opened.
    public let revocations: [Revocation]
    /// The streams that were open when the store was opened.
    public let unfinished: [UnfinishedStream]

    private let folder: DataFolder
    let pool: DatabasePool
    private let writer: Writer
    private let readers: ReadPool
    private let statistics: StoreStatistics
    private let faulty = FaultyRooms()
    private let clock: any StoreClock
    private let synchronous: Int

    /// Opens the store: makes and locks the folder, makes or migrates the database, writes this start's row and
    /// starts the threads. May take as long as the disk does. Errors: a sentence for the operator.
    public static func open(_ configuration: StoreConfiguration) throws(StoreOpenError) -> SQLiteStore {
        try SQLiteStore(configuration, clock: SystemClock())
    }

    init(_ configuration: StoreConfiguration, clock: any StoreClock) throws(StoreOpenError) {
        var configuration = configuration
        configuration.readThreads = min(max(configuration.readThreads, 1), 16)
        folder = try DataFolder(holding: configuration.folder)
        let opened = try DatabaseOpening.open(
            folder.databasePath,
            configuration,
            wallMilliseconds: clock.wallMilliseconds
        )
        pool = opened.pool
        epochs = opened.epochs
        revocations = opened.revocations
        unfinished = opened.unfinished
        synchronous = opened.synchronous
        self.clock = clock
        statistics = StoreStatistics()
        writer = Writer(opened, configuration, clock, statistics, faulty)
        readers = ReadPool(opened.pool, configuration, clock, statistics, faulty)
        do {
            try writer.start()
            try readers.start(configuration.readThreads)
        } catch {
            throw StoreOpenError(.failed, "the system gives no thread (\(error.name), error \(error.code))")
        }
        configuration.logger.info(
            "the store is open",
            metadata: [
                LogKey.path: "\(folder.databasePath)", LogKey.epoch: "\(epochs.currentName)",
                LogKey.starts: "\(epochs.names.count)", LogKey.synchronous: "\(synchronous)",
            ]
        )
    }

    deinit {
        close()
    }

    /// How the store is doing: one atomic read.
    public var condition: StoreCondition { writer.condition }

    /// Rooms that can't be read or written, while all others go on: one atomic read.
    public var faultyRooms: Int { faulty.count }

    /// Names who is told about commits; called once, before the first write.
    public func observe(_ observer: any StoreObserver) {
        writer.observe(observer)
    }

    /// Takes what has been accepted; never blocks on the disk, never refuses. What comes after `close` is not
    /// written, which is logged as an error.
    public func write(_ writes: [StoreWrite]) {
        writer.write(writes)
    }

    /// Reads what a room needs to wake up; where it has events and any are asked for, at least one.
    public func load(
        _ room: RoomIdentity,
        events: Int,
        bytes: Int,
        reply: @escaping @Sendable (Result<RoomSnapshot, StoreFault>) -> Void
    ) {
        readers.read(room, reply: reply) { try RoomReads($0, room).snapshot(events: events, bytes: bytes) }
    }

    /// Reads a page of committed events, ascending.
    public func history(
        _ room: RoomIdentity,
        _ page: HistoryRange,
        reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        readers.read(room, reply: reply) { try RoomReads($0, room).page(page) }
    }

    /// Looks up the offsets that committed sends with these keys were given.
    public func offsets(
        of keys: [SendKey],
        in room: RoomIdentity,
        reply: @escaping @Sendable (Result<[SendKey: KeyedOffset], StoreFault>) -> Void
    ) {
        readers.read(room, reply: reply) { try RoomReads($0, room).offsets(of: keys) }
    }

    /// Looks up what has become of a stream, for a room of its tenant.
    public func state(
        of stream: String,
        for room: RoomIdentity,
        reply: @escaping @Sendable (Result<StreamState?, StoreFault>) -> Void
    ) {
        readers.read(room, reply: reply) { try RoomReads($0, room).state(of: stream) }
    }

    /// Reads all jobs of all tenants that have not ended.
    public func openJobs(reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        readers.read("jobs", reply: reply) { try JobReads($0).open() }
    }

    /// Reads a job; none where the tenant has none of that id.
    public func job(
        _ id: String,
        of tenant: Tenant,
        reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void
    ) {
        readers.read("jobs", reply: reply) { try JobReads($0).job(id, of: tenant) }
    }

    /// Reads a page of jobs, newest first, and one more where there is one.
    public func jobs(_ page: JobPage, reply: @escaping @Sendable (Result<[JobRecord], StoreFault>) -> Void) {
        readers.read("jobs", reply: reply) { try JobReads($0).page(page) }
    }

    /// What the store did and how it is doing. Asks the system for the sizes of two files; any thread.
    public func metrics() -> StoreMetrics {
        var metrics = statistics.snapshot
        writer.fill(&metrics)
        metrics.readsWaiting = readers.waiting
        (metrics.unreadableRooms, metrics.unwritableRooms) = faulty.numbers
        metrics.synchronous = synchronous
        metrics.databaseBytes = SQLiteStore.size(of: folder.databasePath)
        metrics.walBytes = SQLiteStore.size(of: folder.databasePath + "-wal")
        return metrics
    }

    /// Writes everything accepted, empties the write-ahead log, ends the threads and lets go of the folder.
    ///
    /// Blocks until that is done or the deadline has passed. Returns how many accepted writes are not on disk: 0
    /// but for a disk that did not take them in time. A thread that the disk still holds then keeps the folder
    /// locked until the process ends. A second call does nothing.
    @discardableResult
    public func close(deadline: Duration = .seconds(10)) -> Int {
        let giveUpAt = clock.now + deadline.wholeNanoseconds
        // So much longer for threads that have been told to end to be seen to end.
        let last = giveUpAt + 100_000_000
        let unwritten = writer.close(giveUpAt: giveUpAt, last: last)
        guard readers.close(last: last), writer.hasEnded else { return unwritten }
        try? pool.close()
        folder.release()
        return unwritten
    }

    static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
