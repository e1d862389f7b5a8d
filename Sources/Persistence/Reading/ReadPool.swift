import DequeModule
import GRDB
import HubCore
import HubProtocol
import Logging

/// The threads that answer reads, each with a read-only connection of the pool and a snapshot of its own for
/// each request. Requests wait in one queue, in order; the hub bounds how many it asks.
final class ReadPool: Sendable {
    private struct Queue {
        var requests: Deque<@Sendable () -> Void> = []
        var threads = 0
        var isClosing = false
        /// When reads that failed are done again.
        var probeDue: Int64?
        var backoff = Backoff.damage
    }

    private let queue: Monitor<Queue>
    private let pool: DatabasePool
    private let clock: any StoreClock
    private let statistics: StoreStatistics
    private let faulty: FaultyRooms
    private let logger: Logger

    init(
        _ pool: DatabasePool,
        _ configuration: StoreConfiguration,
        _ clock: any StoreClock,
        _ statistics: StoreStatistics,
        _ faulty: FaultyRooms
    ) {
        self.faulty = faulty
        self.pool = pool
        self.clock = clock
        self.statistics = statistics
        logger = configuration.logger
        queue = Monitor(Queue(), clock: clock)
    }

    /// Starts the threads.
    func start(_ threads: Int) throws(ThreadFailure) {
        for index in 0..<threads {
            queue.withLock { $0.threads += 1 }
            do {
                try StoreThread.start("apus-reader-\(index)") { [self] in run() }
            } catch {
                queue.withLock { $0.threads -= 1 }
                throw error
            }
        }
    }

    /// Queues a read of a room; any thread. The reply comes on a reader's thread, or at once where the pool is
    /// closed.
    func read<Value: Sendable>(
        _ room: RoomIdentity,
        reply: @escaping @Sendable (Result<Value, StoreFault>) -> Void,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) {
        guard enqueue({ [self] in reply(answer(room, body)) }) else {
            return reply(.failure(StoreFault("the store is closed")))
        }
    }

    /// Queues a read that is about no room; `subject` is for the log. Otherwise as above.
    func read<Value: Sendable>(
        _ subject: String,
        reply: @escaping @Sendable (Result<Value, StoreFault>) -> Void,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) {
        let request: @Sendable () -> Void = { [self] in
            do {
                let value = try pool.read(body)
                statistics.count { $0.reads += 1 }
                reply(.success(value))
            } catch {
                let said = DiskFault.said(error)
                logger.error("a table could not be read", metadata: [LogKey.error: "\(subject): \(said)"])
                statistics.count { metrics in
                    metrics.reads += 1
                    metrics.readFaults += 1
                }
                reply(.failure(StoreFault("\(subject): \(said)")))
            }
        }
        guard enqueue(request) else { return reply(.failure(StoreFault("the store is closed"))) }
    }

    /// Whether the request will be done: not where the pool is closed.
    private func enqueue(_ request: @escaping @Sendable () -> Void) -> Bool {
        let isOpen = queue.withLock { queue in
            guard !queue.isClosing else { return false }
            queue.requests.append(request)
            return true
        }
        if isOpen { queue.wakeOne() }
        return isOpen
    }

    /// Requests that wait for a thread.
    var waiting: Int { queue.withLock { $0.requests.count } }

    /// Answers what is queued and ends the threads; false where they have not ended by then.
    func close(last: Int64) -> Bool {
        queue.withLock { $0.isClosing = true }
        queue.wakeAll()
        return queue.sleep { queue, now in
            if queue.threads == 0 { return .done(true) }
            return now >= last ? .done(false) : .sleep(until: last)
        }
    }

    private func run() {
        while let request = next() {
            request()
        }
        queue.withLock { $0.threads -= 1 }
        queue.wakeAll()
    }

    private func next() -> (@Sendable () -> Void)? {
        queue.sleep { [self] queue, now in
            if let due = queue.probeDue, due <= now, !queue.isClosing {
                queue.probeDue = nil
                return .done { [self] in probe() }
            }
            if let request = queue.requests.popFirst() { return .done(request) }
            return queue.isClosing ? .done(nil) : .sleep(until: queue.probeDue)
        }
    }

    /// Does the reads again that have failed.
    private func probe() {
        for (room, read) in faulty.failedReads {
            do {
                try pool.read { try read($0) }
                faulty.recovered(room)
                logger.notice("a room can be read again", metadata: metadata(of: room))
            } catch {
                logger.debug("a room still cannot be read", metadata: metadata(of: room, error))
            }
        }
        let isSound = faulty.numbers.unreadable == 0
        queue.withLock { queue in
            if isSound { queue.backoff.succeeded() } else { scheduleProbe(&queue) }
        }
    }

    private func scheduleProbe(_ queue: inout Queue) {
        guard queue.probeDue == nil else { return }
        queue.probeDue = clock.now + queue.backoff.failed().wholeNanoseconds
    }

    private func answer<Value>(
        _ room: RoomIdentity,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) -> Result<Value, StoreFault> {
        let read: @Sendable (Database) throws -> Value = { db in
            do {
                return try body(db)
            } catch {
                // A damaged page must be read anew the next time: somebody may have mended it.
                try? db.execute(sql: "PRAGMA shrink_memory")
                throw error
            }
        }
        let began = clock.now
        let result: Result<Value, StoreFault>
        do {
            result = .success(try pool.read(read))
        } catch {
            let fault = StoreFault("room \(room.key.name.text): \(DiskFault.said(error))")
            logger.error("a room could not be read", metadata: metadata(of: room.key, error))
            faulty.failed(room.key) { _ = try read($0) }
            queue.withLock { scheduleProbe(&$0) }
            // A thread that sleeps learns when to look.
            queue.wakeOne()
            result = .failure(fault)
        }
        let took = clock.now - began
        statistics.count { metrics in
            metrics.reads += 1
            if case .failure = result { metrics.readFaults += 1 }
            metrics.readMicroseconds.count(took / 1000)
        }
        return result
    }

    private func metadata(of room: RoomKey, _ error: (any Error)? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [LogKey.tenant: "\(room.tenant.id)", LogKey.room: "\(room.name.text)"]
        if let error { metadata[LogKey.error] = "\(DiskFault.said(error))" }
        return metadata
    }
}
