import Testing

@testable import HubCore

@Suite struct RecentRingTests {
    /// Offsets 11…20; each line is as long as the others.
    static func ring() -> RecentRing {
        var ring = RecentRing()
        for offset in 11...20 { ring.append(Events.make(Int64(offset))) }
        return ring
    }

    let line = Events.make(15).line.count

    @Test func itKnowsItsBounds() {
        let ring = Self.ring()
        #expect(ring.first == 11)
        #expect(ring.count == 10)
        #expect(ring.bytes == 10 * line)
        #expect(RecentRing().first == nil)
    }

    @Test(arguments: [
        (15, 100, [16, 17, 18, 19, 20]), (10, 3, [11, 12, 13]), (20, 5, []), (19, 5, [20]), (15, 0, []),
        (99, 5, []),
    ])
    func after(_ offset: Int64, _ limit: Int, _ expected: [Int64]) {
        #expect(Self.ring().after(offset, limit: limit, bytes: 1 << 20).map(\.offset) == expected)
    }

    @Test(arguments: [
        (15, 100, [11, 12, 13, 14]), (21, 3, [18, 19, 20]), (11, 5, []), (12, 5, [11]), (15, 0, []),
        (99, 2, [19, 20]), (0, 5, []),
    ])
    func before(_ offset: Int64, _ limit: Int, _ expected: [Int64]) {
        #expect(Self.ring().before(offset, limit: limit, bytes: 1 << 20).map(\.offset) == expected)
    }

    @Test func bytesBoundAPageButNeverEmptyIt() {
        let ring = Self.ring()
        #expect(ring.after(11, limit: 10, bytes: 3 * line).map(\.offset) == [12, 13, 14])
        #expect(ring.before(21, limit: 10, bytes: 3 * line + 1).map(\.offset) == [18, 19, 20])
        #expect(ring.after(11, limit: 10, bytes: 1).map(\.offset) == [12])
        #expect(ring.before(21, limit: 10, bytes: 1).map(\.offset) == [20])
    }

    @Test func trimmingDropsTheOldestDownToBothBounds() {
        var ring = Self.ring()
        var dropped: [Int64] = []
        ring.trim(durable: 20, maxEvents: 8, maxBytes: 1 << 20) { dropped.append($0.offset) }
        #expect(dropped == [11, 12])
        ring.trim(durable: 20, maxEvents: 8, maxBytes: 5 * line) { dropped.append($0.offset) }
        #expect(dropped == [11, 12, 13, 14, 15])
        #expect(ring.first == 16)
        #expect(ring.bytes == 5 * line)
    }

    @Test func whatIsNotDurableIsNeverDropped() {
        var ring = Self.ring()
        var dropped: [Int64] = []
        ring.trim(durable: 12, maxEvents: 1, maxBytes: 1) { dropped.append($0.offset) }
        #expect(dropped == [11, 12])
        #expect(ring.first == 13)
    }
}
