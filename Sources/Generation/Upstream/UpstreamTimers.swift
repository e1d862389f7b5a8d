import HeapModule

/// Moments at which something is to be done, earliest first. A cancelled one is skipped when its moment comes.
struct UpstreamTimers {
    private struct Entry: Comparable {
        let moment: Int64
        let id: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            (left.moment, left.id) < (right.moment, right.id)
        }
    }

    private var heap = Heap<Entry>()
    private var bodies: [UInt64: () -> Void] = [:]
    private var last: UInt64 = 0

    /// The earliest moment that somebody still waits for, in ns of the loop's clock.
    mutating func next() -> Int64? {
        while let first = heap.min {
            if bodies[first.id] != nil { return first.moment }
            heap.removeMin()
        }
        return nil
    }

    mutating func add(at moment: Int64, _ body: @escaping () -> Void) -> UInt64 {
        last += 1
        bodies[last] = body
        heap.insert(Entry(moment: moment, id: last))
        return last
    }

    mutating func cancel(_ id: UInt64) {
        bodies[id] = nil
    }

    /// Takes what is due.
    mutating func due(_ now: Int64) -> [() -> Void] {
        var due: [() -> Void] = []
        while let first = heap.min, first.moment <= now {
            heap.removeMin()
            if let body = bodies.removeValue(forKey: first.id) { due.append(body) }
        }
        return due
    }
}
