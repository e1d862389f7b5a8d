import HubCore
import Testing

@testable import HubPersistence

@Suite("Pending writes")
struct PendingWritesTests {
    private let millisecond: Int64 = 1_000_000

    private func pending(_ change: (inout StoreConfiguration) -> Void = { _ in }) -> PendingWrites {
        var configuration = StoreConfiguration(folder: "")
        change(&configuration)
        return PendingWrites(PendingWrites.Limits(configuration))
    }

    private func append(_ writes: [StoreWrite], to pending: inout PendingWrites, now: Int64 = 0) {
        pending.append(writes, bytes: PendingWrites.size(of: writes), now: now)
    }

    private func offsets(_ batch: PendingWrites.Batch?) -> [Int64] {
        (batch?.parts ?? []).joined().compactMap { if case .event(let event) = $0 { event.offset } else { nil } }
    }

    @Test("a batch closes 5 ms after its first write")
    func interval() throws {
        let room = try room("ticket:1")
        var pending = pending()
        #expect(pending.batchDue == nil)
        append(events(room, 1...1), to: &pending, now: 100)
        append(events(room, 2...2), to: &pending, now: 4 * millisecond)
        #expect(pending.batchDue == 100 + 5 * millisecond)
        #expect(offsets(pending.takeBatch()) == [1, 2])
    }

    @Test("a batch closes at once with the configured number of writes, and holds no more")
    func number() throws {
        let room = try room("ticket:1")
        var pending = pending { $0.commitWrites = 10 }
        append(events(room, 1...9), to: &pending)
        #expect(!pending.hasFullBatch)
        append(events(room, 10...25), to: &pending)
        #expect(pending.hasFullBatch)
        #expect(pending.batchDue == .min)
        #expect(offsets(pending.takeBatch()) == Array(1...10))
        pending.committed(took: 1)
        #expect(offsets(pending.takeBatch()) == Array(11...20))
        pending.committed(took: 1)
        #expect(offsets(pending.takeBatch()) == Array(21...25))
        pending.committed(took: 1)
        #expect(pending.takeBatch() == nil)
    }

    @Test("a batch of one large append is cut, too")
    func largeAppend() throws {
        var pending = pending { $0.commitWrites = 3 }
        append(events(try room("ticket:1"), 1...7), to: &pending)
        var taken: [[Int64]] = []
        while let batch = pending.takeBatch() {
            taken.append(offsets(batch))
            pending.committed(took: 1)
        }
        #expect(taken == [[1, 2, 3], [4, 5, 6], [7]])
    }

    @Test("no second batch while one is in flight")
    func oneInFlight() throws {
        var pending = pending { $0.commitWrites = 1 }
        append(events(try room("ticket:1"), 1...2), to: &pending)
        #expect(pending.takeBatch() != nil)
        #expect(pending.batchDue == nil)
        #expect(pending.takeBatch() == nil)
    }

    @Test("closing does not wait for a fuller batch")
    func closing() throws {
        var pending = pending()
        append(events(try room("ticket:1"), 1...1), to: &pending)
        pending.isClosing = true
        #expect(pending.batchDue == .min)
        #expect(pending.condition(now: 0) == .unavailable)
    }

    @Test("nothing accepted is nothing to do")
    func nothing() {
        var pending = pending()
        append([], to: &pending)
        #expect(pending.batchDue == nil)
        #expect(pending.lagWrites == 0)
        pending.committed(took: 1)
        #expect(pending.lagWrites == 0)
    }

    @Test("lag counts what is queued and what is in flight, and its bytes add up over cut batches")
    func lag() throws {
        let writes = events(try room("ticket:1"), 1...10) + [.read(room: try room("ticket:1"), user: "u", upto: 1)]
        var pending = pending { $0.commitWrites = 4 }
        append(writes, to: &pending)
        #expect(pending.lagWrites == 11)
        #expect(pending.lagBytes == PendingWrites.size(of: writes))
        while pending.takeBatch() != nil {
            #expect(pending.lagWrites > 0)
            pending.committed(took: 1)
        }
        #expect(pending.lagWrites == 0)
        #expect(pending.lagBytes == 0)
    }

    @Test("too many writes are busy until a quarter of them is gone")
    func busyByWrites() throws {
        let room = try room("ticket:1")
        var pending = pending {
            $0.lagWrites = 100
            $0.commitWrites = 20
        }
        append(events(room, 1...99), to: &pending)
        #expect(pending.condition(now: 0) == .ready)
        append(events(room, 100...100), to: &pending)
        #expect(pending.condition(now: 0).isSame(as: .busy(retryAfter: 0)))
        _ = pending.takeBatch()
        pending.committed(took: 1)
        #expect(pending.condition(now: 0).isSame(as: .busy(retryAfter: 0)))
        _ = pending.takeBatch()
        pending.committed(took: 1)
        #expect(pending.condition(now: 0) == .ready)
    }

    @Test("too many bytes are busy")
    func busyByBytes() throws {
        var pending = pending { $0.lagBytes = 1000 }
        append(events(try room("ticket:1"), 1...1), to: &pending)
        #expect(pending.condition(now: 0) == .ready)
        append(events(try room("ticket:1"), 2...5), to: &pending)
        #expect(pending.condition(now: 0) != .ready)
    }

    @Test("writes that wait too long are busy, also in flight")
    func busyByTime() throws {
        var pending = pending { $0.lagTime = .seconds(10) }
        append(events(try room("ticket:1"), 1...1), to: &pending, now: 0)
        #expect(pending.condition(now: 9999 * millisecond) == .ready)
        _ = pending.takeBatch()
        #expect(pending.lagTime(now: 10_000 * millisecond) == 10_000 * millisecond)
        #expect(pending.condition(now: 10_000 * millisecond) != .ready)
        pending.committed(took: 1)
        #expect(pending.condition(now: 10_000 * millisecond) == .ready)
    }

    @Test("the time to wait follows the disk's pace, between 100 ms and 5 s")
    func retryAfter() throws {
        func retryAfter(took: Int64, left: Int64) throws -> Int {
            var pending = pending {
                $0.lagWrites = 1
                $0.commitWrites = 1000
            }
            append(events(try room("ticket:1"), 1...(1000 + left)), to: &pending)
            guard case .busy(let first) = pending.condition(now: 0) else { return 0 }
            #expect(first == 1000)
            _ = pending.takeBatch()
            pending.committed(took: took)
            guard case .busy(let milliseconds) = pending.condition(now: 0) else { return 0 }
            return milliseconds
        }
        // 1000 writes a second, 2000 left, half of them awaited.
        #expect(try retryAfter(took: 1000 * millisecond, left: 2000) == 1000)
        #expect(try retryAfter(took: millisecond, left: 2000) == 100)
        #expect(try retryAfter(took: 100_000 * millisecond, left: 2000) == 5000)
    }

    @Test("a room set aside leaves the batches; its writes wait in order and count in the lag")
    func setAside() throws {
        let (bad, good) = (try room("ticket:1"), try room("ticket:2"))
        var pending = pending { $0.commitWrites = 4 }
        append(events(bad, 1...2) + events(good, 1...2), to: &pending, now: 0)
        _ = pending.takeBatch()
        let left = pending.setAside(bad)
        #expect(offsets(left) == [1, 2])
        #expect(left?.parts.joined().allSatisfy { $0.room === good } == true)
        pending.committed(took: 1)
        #expect(pending.lagWrites == 2)
        append([.event(event(bad, 3))], to: &pending, now: 0)
        append(events(good, 3...3) + [.read(room: bad, user: "u", upto: 1)], to: &pending, now: 0)
        #expect(offsets(pending.takeBatch()) == [3])
        pending.committed(took: 1)
        #expect(pending.lagWrites == 4)
        #expect(pending.lagTime(now: 1000) == 0)
        #expect(pending.condition(now: 60_000 * millisecond) == .ready)
        let waiting = try #require(pending.aside.rooms[bad.key])
        #expect(offsets(PendingWrites.Batch(parts: [waiting.writes[...]], accepted: 0)) == [1, 2, 3])
        #expect(waiting.bytes == pending.lagBytes)
        pending.restored(bad.key)
        #expect((pending.lagWrites, pending.lagBytes) == (0, 0))
        pending.restored(bad.key)
        #expect(pending.lagWrites == 0)
    }

    @Test("a batch of nothing but a room set aside is no batch, and the next one is taken at once")
    func nothingButAside() throws {
        let (bad, good) = (try room("ticket:1"), try room("ticket:2"))
        var pending = pending { $0.commitWrites = 2 }
        append(events(bad, 1...2), to: &pending)
        _ = pending.takeBatch()
        pending.failed()
        #expect(pending.setAside(bad) == nil)
        #expect(pending.condition(now: 0) == .ready)
        #expect(pending.takeBatch() == nil)
        append(events(bad, 3...6) + events(good, 1...1), to: &pending)
        #expect(offsets(pending.takeBatch()) == [1])
    }

    @Test("what is set aside makes the store busy like any other lag, and too many rooms make it unavailable")
    func boundedAside() throws {
        let bad = try room("ticket:1")
        var pending = pending { $0.lagWrites = 10 }
        append(events(bad, 1...10), to: &pending)
        _ = pending.takeBatch()
        _ = pending.setAside(bad)
        #expect(pending.condition(now: 0).isSame(as: .busy(retryAfter: 0)))
        pending.restored(bad.key)
        for number in 1...AsideWrites.most { _ = pending.setAside(try room("ticket:\(number)")) }
        #expect(pending.condition(now: 0) == .unavailable)
        pending.restored(bad.key)
        #expect(pending.condition(now: 0) == .ready)
    }

    @Test("a failed batch is unavailable, stays in flight, and is over with its commit")
    func fault() throws {
        var pending = pending()
        append(events(try room("ticket:1"), 1...1), to: &pending)
        _ = pending.takeBatch()
        pending.failed()
        #expect(pending.condition(now: 0) == .unavailable)
        #expect(pending.lagWrites == 1)
        pending.committed(took: 1)
        #expect(pending.condition(now: 0) == .ready)
    }
}
