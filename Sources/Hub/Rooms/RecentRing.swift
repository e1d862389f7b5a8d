import DequeModule

/// The newest events of a room, ascending and without gaps, bounded by count and bytes.
///
/// What is not yet durable is never dropped, so the disk and the ring together always hold everything.
struct RecentRing {
    private var events: Deque<KeptEvent> = []
    private(set) var bytes = 0

    /// The offset of the oldest event; nil while empty.
    var first: Int64? { events.first?.offset }

    var count: Int { events.count }

    /// Appends the event after the last one.
    mutating func append(_ event: KeptEvent) {
        events.append(event)
        bytes += event.line.count
    }

    /// Drops the oldest durable events until both bounds hold, telling of each.
    mutating func trim(durable: Int64, maxEvents: Int, maxBytes: Int, _ dropped: (KeptEvent) -> Void) {
        while let oldest = events.first, oldest.offset <= durable, events.count > maxEvents || bytes > maxBytes {
            events.removeFirst()
            bytes -= oldest.line.count
            dropped(oldest)
        }
    }

    /// Drops the events below `offset`, telling of each.
    mutating func drop(below offset: Int64, _ dropped: (KeptEvent) -> Void) {
        while let oldest = events.first, oldest.offset < offset {
            events.removeFirst()
            bytes -= oldest.line.count
            dropped(oldest)
        }
    }

    /// The events after `offset`, ascending, at most `limit` and until `bytes` are reached (at least one).
    /// The ring must reach back to `offset + 1`.
    func after(_ offset: Int64, limit: Int, bytes: Int) -> ArraySlice<KeptEvent> {
        guard let first, !events.isEmpty, limit > 0 else { return [] }
        var index = Int(max(0, offset + 1 - first))
        var taken: ArraySlice<KeptEvent> = []
        var size = 0
        while index < events.count, taken.count < limit {
            let event = events[index]
            size += event.line.count
            if size > bytes, !taken.isEmpty { break }
            taken.append(event)
            index += 1
        }
        return taken
    }

    /// The newest events below `offset`, ascending, at most `limit` and until `bytes` are reached (at least one).
    func before(_ offset: Int64, limit: Int, bytes: Int) -> ArraySlice<KeptEvent> {
        guard let first, offset > first, limit > 0 else { return [] }
        let end = Int(min(offset - first, Int64(events.count)))
        var start = end
        var size = 0
        while start > 0, end - start < limit {
            size += events[start - 1].line.count
            if size > bytes, start < end { break }
            start -= 1
        }
        return ArraySlice(events[start..<end])
    }
}
