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
    }

    private let queue: Monitor<Queue>
    private let pool: DatabasePool
    private let clock: any StoreClock
    private let statistics: StoreStatistics
    private let logger: Logger

    init(
        _ pool: DatabasePool,
        _ configuration: StoreConfiguration,
        _ clock: any StoreClock,
        _ statistics: StoreStatistics
    ) {
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
        let isClosed = queue.withLock { queue in
            guard !queue.isClosing else { return true }
            queue.requests.append { [self] in reply(answer(room, body)) }
            return false
        }
        guard !isClosed else { return reply(.failure(StoreFault("the store is closed"))) }
        queue.wakeOne()
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
        queue.sleep { queue, _ in
            if let request = queue.requests.popFirst() { return .done(request) }
            return queue.isClosing ? .done(nil) : .sleep(until: nil)
        }
    }

    private func answer<Value>(
        _ room: RoomIdentity,
        _ body: (Database) throws -> Value
    ) -> Result<Value, StoreFault> {
        let began = clock.now
        let result: Result<Value, StoreFault>
        do {
            result = .success(try pool.read(body))
        } catch {
            let fault = StoreFault("room \(room.key.name.text): \(DiskFault.said(error))")
            logger.error(
                "a room could not be read",
                metadata: [
                    LogKey.tenant: "\(room.key.tenant.id)", LogKey.room: "\(room.key.name.text)",
                    LogKey.error: "\(DiskFault.said(error))",
                ]
            )
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
}
