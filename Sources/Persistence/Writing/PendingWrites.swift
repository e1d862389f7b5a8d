import DequeModule
import HubCore

/// What has been accepted and is not committed: in which groups it will be written, how far the disk is behind,
/// and what that means for new sends. A pure state machine; times are ns of the store's clock.
///
/// Nothing leaves it but through `committed` and `restored`: a batch that fails stays in flight and is tried again,
/// and what belongs to a room that can't be written is set aside.
struct PendingWrites {
    /// The bounds that matter here, from the configuration.
    struct Limits {
        let interval: Int64
        let batch: Int
        let lagWrites: Int
        let lagBytes: Int
        let lagTime: Int64

        init(_ configuration: StoreConfiguration) {
            interval = configuration.commitInterval.wholeNanoseconds
            batch = max(configuration.commitWrites, 1)
            lagWrites = max(configuration.lagWrites, 1)
            lagBytes = max(configuration.lagBytes, 1)
            lagTime = max(configuration.lagTime.wholeNanoseconds, 1)
        }
    }

    /// One group: what one transaction writes.
    struct Batch {
        /// The writes in their order, in the pieces they came in: nothing is copied under the lock.
        var parts: [ArraySlice<StoreWrite>] = []
        var count = 0
        var bytes = 0
        /// When its first write was accepted.
        let accepted: Int64
    }

    private struct Chunk {
        var writes: ArraySlice<StoreWrite>
        var bytes: Int
        let accepted: Int64
    }

    private let limits: Limits
    private var chunks: Deque<Chunk> = []
    private var inFlight: Batch?
    private var isBusy = false
    /// What waits for rooms whose place on disk is damaged.
    private(set) var aside = AsideWrites()

    /// Writes that are in no batch yet.
    private(set) var queued = 0
    /// Writes accepted and not committed.
    private(set) var lagWrites = 0
    /// What they take in memory, roughly.
    private(set) var lagBytes = 0
    /// Writes a second that recent commits took; 0 before the first.
    private(set) var rate = 0.0
    /// Whether the last attempt to write failed.
    private(set) var isFaulted = false
    /// Whether the store is being closed: no more waiting for fuller batches.
    var isClosing = false

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Takes what has been accepted.
    mutating func append(_ writes: [StoreWrite], bytes: Int, now: Int64) {
        guard !writes.isEmpty else { return }
        chunks.append(Chunk(writes: writes[...], bytes: bytes, accepted: now))
        queued += writes.count
        lagWrites += writes.count
        lagBytes += bytes
    }

    /// When the next batch closes; nil where nothing waits or one is in flight.
    var batchDue: Int64? {
        guard let first = chunks.first, inFlight == nil else { return nil }
        return queued >= limits.batch || isClosing ? .min : first.accepted + limits.interval
    }

    /// Whether so many writes wait that a batch need not wait for its time.
    var hasFullBatch: Bool { queued >= limits.batch }

    /// Closes a batch; it is in flight until `committed`. What belongs to rooms set aside goes there instead.
    mutating func takeBatch() -> Batch? {
        guard inFlight == nil else { return nil }
        while inFlight == nil, var batch = cutBatch() {
            aside.divert(from: &batch)
            if batch.count > 0 { inFlight = batch }
        }
        return inFlight
    }

    private mutating func cutBatch() -> Batch? {
        guard let first = chunks.first else { return nil }
        var batch = Batch(accepted: first.accepted)
        while batch.count < limits.batch, var chunk = chunks.popFirst() {
            let part = chunk.writes.prefix(limits.batch - batch.count)
            let isWhole = part.count == chunk.writes.count
            let bytes = isWhole ? chunk.bytes : PendingWrites.size(of: part)
            batch.parts.append(part)
            batch.count += part.count
            batch.bytes += bytes
            guard !isWhole else { continue }
            chunk.writes.removeFirst(part.count)
            chunk.bytes -= bytes
            chunks.prepend(chunk)
        }
        queued -= batch.count
        return batch
    }

    /// A room's place on disk is damaged: its writes leave the batch in flight. Returns what is left of that; nil
    /// where nothing is, and then nothing is in flight.
    mutating func setAside(_ room: RoomIdentity) -> Batch? {
        aside.add(room)
        if var batch = inFlight {
            aside.divert(from: &batch)
            inFlight = batch.count > 0 ? batch : nil
        }
        if inFlight == nil { isFaulted = false }
        return inFlight
    }

    /// What was set aside for a room is on disk.
    mutating func restored(_ room: RoomKey) {
        guard let room = aside.remove(room) else { return }
        lagWrites -= room.writes.count
        lagBytes -= room.bytes
    }

    /// The batch in flight is on disk.
    mutating func committed(took nanoseconds: Int64) {
        guard let batch = inFlight else { return }
        inFlight = nil
        isFaulted = false
        lagWrites -= batch.count
        lagBytes -= batch.bytes
        let measured = Double(batch.count) * 1e9 / Double(max(nanoseconds, 1))
        rate = rate == 0 ? measured : rate * 0.875 + measured * 0.125
    }

    /// The batch in flight could not be written and stays in flight.
    mutating func failed() {
        isFaulted = true
    }

    /// How long the oldest write that is not committed has waited; what is set aside does not count.
    func lagTime(now: Int64) -> Int64 {
        guard let oldest = inFlight?.accepted ?? chunks.first?.accepted else { return 0 }
        return max(now - oldest, 0)
    }

    /// What the lag means for new sends. Busy begins at a limit and ends under three quarters of all of them.
    mutating func condition(now: Int64) -> StoreCondition {
        if isFaulted || isClosing || aside.isTooMuch {
            isBusy = false
            return .unavailable
        }
        let waited = lagTime(now: now)
        isBusy =
            isBusy
            ? lagWrites >= limits.lagWrites / 4 * 3 || lagBytes >= limits.lagBytes / 4 * 3
                || waited >= limits.lagTime / 4 * 3
            : lagWrites >= limits.lagWrites || lagBytes >= limits.lagBytes || waited >= limits.lagTime
        guard isBusy else { return .ready }
        // Until half of what waits has been written at the present rate.
        let milliseconds = rate > 0 ? Double(lagWrites) / 2 * 1000 / rate : 1000
        return .busy(retryAfter: Int(min(max(milliseconds, 100), 5000)))
    }

    /// What writes take in memory, roughly: their lines and what surrounds them.
    static func size(of writes: some Collection<StoreWrite>) -> Int {
        var bytes = writes.count * 192
        for write in writes { bytes += text(of: write) }
        return bytes
    }

    private static func text(of write: StoreWrite) -> Int {
        switch write {
        case .event(let event), .stream(let event, _): event.line.count
        case .job(let event, let job): event.line.count + job.bytes
        case .checkpoint(let checkpoint): checkpoint.text.count
        case .together(let first, let second): text(of: first) + text(of: second)
        case .read, .revocation: 0
        }
    }
}
