import Glibc
import Testing

@testable import Reactor

/// The queue against a plain array of bytes, with the kernel taking whatever it likes.
@Suite struct OutboundQueueTests {
    @Test("Bytes leave in the order they came, however they are cut", arguments: 1...8 as ClosedRange<UInt64>)
    func model(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var segments = SegmentPool()
        var queue = OutboundQueue()
        var expected: [UInt8] = []
        var oldest: [(end: Int, time: UInt64)] = []
        var (queued, taken) = (0, 0)
        let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
        defer { vector.deallocate() }
        for time in 1...300 as ClosedRange<UInt64> {
            let bytes = pattern(1 + Int(random.next() % [10, 300, 17_000][Int(random.next() % 3)]))
            switch random.next() % 4 {
            case 0:
                let run = bytes.withUnsafeBytes { RunPointer.make(copying: $0, capacity: $0.count) }
                queue.append(run, at: time, segments: &segments)
                queued += bytes.count
                expected += bytes
                oldest.append((queued, time))
            case 1, 2:
                bytes.withUnsafeBytes { queue.append(copying: $0, at: time, segments: &segments) }
                queued += bytes.count
                expected += bytes
                oldest.append((queued, time))
            default:
                let front = bytesAtFront(&queue, vector)
                #expect(expected.count >= front.count && Array(expected[..<front.count]) == front)
                #expect(front.isEmpty == expected.isEmpty)
                let count = front.isEmpty ? 0 : 1 + Int(random.next() % UInt64(front.count))
                queue.consume(count, segments: &segments)
                expected.removeFirst(count)
                taken += count
                oldest.removeAll { $0.end <= taken }
            }
            #expect(queue.count == expected.count)
            #expect(queue.isEmpty == expected.isEmpty)
            // Writes that joined an open run carry the time of its first byte.
            #expect((queue.oldest == nil) == oldest.isEmpty)
            if let told = queue.oldest, let first = oldest.first { #expect(told <= first.time) }
        }
        queue.removeAll(segments: &segments)
        #expect(queue.isEmpty && queue.count == 0 && queue.oldest == nil)
        segments.deallocate()
    }

    @Test("Small writes share a run until it is handed to the kernel")
    func coalescing() {
        var segments = SegmentPool()
        var queue = OutboundQueue()
        defer {
            queue.removeAll(segments: &segments)
            segments.deallocate()
        }
        let write = { (queue: inout OutboundQueue, segments: inout SegmentPool, count: Int) in
            [UInt8](repeating: 1, count: count).withUnsafeBytes {
                queue.append(copying: $0, at: 1, segments: &segments)
            }
        }
        for _ in 0..<100 { write(&queue, &segments, 50) }
        #expect(queue.takeOnly()?.count == 5000)
        // The kernel may be reading it now: it must neither move nor grow.
        let address = queue.head?.pointee.run
        write(&queue, &segments, 50)
        #expect(queue.takeOnly() == nil)
        #expect(queue.head?.pointee.run == address)
        queue.consume(5000, segments: &segments)
        #expect(queue.takeOnly()?.count == 50)
    }

    @Test("A run that others share is not written into")
    func sharedTail() {
        var segments = SegmentPool()
        var queue = OutboundQueue()
        let run = ByteRun(copying: [1, 2, 3])
        run.storage.retain()
        queue.append(run.storage, at: 1, segments: &segments)
        [UInt8(4)].withUnsafeBytes { queue.append(copying: $0, at: 2, segments: &segments) }
        #expect(run.count == 3)
        #expect(queue.count == 4)
        #expect(run.storage.pointee.references == 2)
        queue.removeAll(segments: &segments)
        #expect(run.storage.pointee.references == 1)
        segments.deallocate()
    }

    private func bytesAtFront(
        _ queue: inout OutboundQueue,
        _ vector: UnsafeMutableBufferPointer<iovec>
    ) -> [UInt8] {
        if let only = queue.takeOnly() { return [UInt8](only) }
        let used = queue.gather(into: vector)
        return vector[..<used].flatMap { [UInt8](UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len)) }
    }
}
