// A hierarchical wheel of ticks of 1 ms. Level 0 has 256 lists, one a tick; each level above has 64 lists, and a list
// there covers a whole turn of the level below it:
//
//     level   list covers   level reaches
//     0       1 ms          256 ms
//     1       256 ms        16 s
//     2       16 s          17 min
//     3       17 min        18 h
//     4       18 h          49 days
//
// A timer goes into the lowest level that reaches it. When time arrives at the first tick of a list above level 0, the
// list is emptied downwards. Arming, cancelling and firing are O(1); nothing is allocated once the slab has grown.
// What lies further ahead than the last level waits in it and is placed anew each time round.

/// Armed timers of one loop, by deadline. Knows no clock: time is handed in.
struct TimerWheel {
    private struct Node {
        var target: (any TimerTarget)?
        var deadline: UInt64 = 0
        var tag: UInt32 = 0
        var generation: UInt32 = 1
        var list: UInt16 = 0
        var next: Int32 = none
        var previous: Int32 = none
    }

    private struct List {
        var first: Int32 = none
        var last: Int32 = none
    }

    private static let none: Int32 = -1
    private static let nanosecondsPerTick: UInt64 = 1_000_000
    private static let nearLists = 256
    private static let farLists = 64
    private static let farLevels = 4
    private static let dueList = nearLists + farLists * farLevels
    private static let reach: UInt64 = 1 << 32

    private var nodes: ContiguousArray<Node> = []
    private var free: Int32 = none
    private var lists = ContiguousArray(repeating: List(), count: dueList + 1)
    private var nearOccupied = InlineArray<4, UInt64>(repeating: 0)
    private var farOccupied = InlineArray<4, UInt64>(repeating: 0)
    private var current: UInt64

    /// Timers armed and not yet fired.
    private(set) var count = 0

    init(now: MonotonicInstant) {
        current = now.nanoseconds / Self.nanosecondsPerTick
    }

    /// Arms a timer: due at the first tick at or after `deadline`, and never within the current one.
    mutating func arm(at deadline: MonotonicInstant, target: any TimerTarget, tag: UInt32) -> TimerHandle {
        let (whole, rest) = deadline.nanoseconds.quotientAndRemainder(dividingBy: Self.nanosecondsPerTick)
        let index = takeNode()
        nodes[Int(index)].target = target
        nodes[Int(index)].tag = tag
        nodes[Int(index)].deadline = max(current + 1, rest == 0 ? whole : whole + 1)
        place(index)
        count += 1
        return TimerHandle(index: index, generation: nodes[Int(index)].generation)
    }

    /// Whether there was such a timer.
    @discardableResult
    mutating func cancel(_ handle: TimerHandle) -> Bool {
        guard nodes.indices.contains(Int(handle.index)), nodes[Int(handle.index)].generation == handle.generation,
            nodes[Int(handle.index)].target != nil
        else { return false }
        unlink(handle.index)
        giveNode(handle.index)
        count -= 1
        return true
    }

    /// Moves time on; what became due waits for `popDue`.
    mutating func advance(to now: MonotonicInstant) {
        let goal = now.nanoseconds / Self.nanosecondsPerTick
        while let event = nextEvent, event <= goal {
            current = event
            cascade()
            expire()
        }
        current = max(current, goal)
    }

    /// The next due timer in order of deadlines; the caller calls its target.
    mutating func popDue() -> (target: any TimerTarget, tag: UInt32)? {
        let index = lists[Self.dueList].first
        guard index != Self.none, let target = nodes[Int(index)].target else { return nil }
        let tag = nodes[Int(index)].tag
        unlink(index)
        giveNode(index)
        count -= 1
        return (target, tag)
    }

    /// When the loop should look again: never later than the next deadline, at times earlier (to empty a list).
    var nextWake: MonotonicInstant? {
        if lists[Self.dueList].first != Self.none {
            return MonotonicInstant(nanoseconds: current * Self.nanosecondsPerTick)
        }
        return nextEvent.map {
            MonotonicInstant(nanoseconds: $0.multipliedReportingOverflow(by: 1_000_000).partialValue)
        }
    }
}

/// Lists and levels.
extension TimerWheel {
    private static func shift(_ level: Int) -> UInt64 { UInt64(8 + 6 * level) }

    private mutating func place(_ index: Int32) {
        let deadline = nodes[Int(index)].deadline
        let distance = deadline - min(deadline, current)
        guard distance >= UInt64(Self.nearLists) else {
            link(index, into: Int(max(deadline, current) & 255))
            return
        }
        let placed = distance < Self.reach ? deadline : current + Self.reach - 1
        let bits = UInt64.bitWidth - (placed - current).leadingZeroBitCount
        let level = min((bits - 9) / 6, Self.farLevels - 1)
        link(index, into: Self.nearLists + level * Self.farLists + Int((placed >> Self.shift(level)) & 63))
    }

    /// The next tick at which a list of level 0 is due or one above it is to be emptied.
    private var nextEvent: UInt64? {
        var earliest: UInt64?
        if let distance = nearDistance() { earliest = current + distance }
        for level in 0..<Self.farLevels where farOccupied[level] != 0 {
            let position = current >> Self.shift(level)
            let here = Int(position & 63)
            // Rotated so that bit 0 is the list after the current one; the current one is a whole turn away.
            let rotated = Self.rotate(farOccupied[level], by: (here + 1) & 63)
            let tick = (position + 1 + UInt64(rotated.trailingZeroBitCount)) << Self.shift(level)
            earliest = min(earliest ?? tick, tick)
        }
        return earliest
    }

    private static func rotate(_ bits: UInt64, by count: Int) -> UInt64 {
        count == 0 ? bits : bits >> UInt64(count) | bits << UInt64(64 - count)
    }

    /// Ticks until the next occupied list of level 0, from 1 to 255.
    private func nearDistance() -> UInt64? {
        let start = Int((current + 1) & 255)
        for step in 0...4 {
            let word = (start / 64 + step) & 3
            var bits = nearOccupied[word]
            if step == 0 { bits &= ~0 << UInt64(start & 63) }
            if step == 4 { bits &= (1 << UInt64(start & 63)) - 1 }
            guard bits != 0 else { continue }
            let list = word * 64 + bits.trailingZeroBitCount
            return UInt64((list - start) & 255) + 1
        }
        return nil
    }

    private mutating func cascade() {
        for level in (0..<Self.farLevels).reversed() {
            guard current & ((1 << Self.shift(level)) - 1) == 0 else { continue }
            let list = Self.nearLists + level * Self.farLists + Int((current >> Self.shift(level)) & 63)
            var index = lists[list].first
            lists[list] = List()
            setOccupied(list, false)
            while index != Self.none {
                let next = nodes[Int(index)].next
                place(index)
                index = next
            }
        }
    }

    private mutating func expire() {
        let list = Int(current & 255)
        while lists[list].first != Self.none {
            let index = lists[list].first
            unlink(index)
            link(index, into: Self.dueList)
        }
    }

    private mutating func link(_ index: Int32, into list: Int) {
        let last = lists[list].last
        nodes[Int(index)].list = UInt16(list)
        nodes[Int(index)].previous = last
        nodes[Int(index)].next = Self.none
        if last == Self.none { lists[list].first = index } else { nodes[Int(last)].next = index }
        lists[list].last = index
        setOccupied(list, true)
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        let list = Int(node.list)
        if node.previous == Self.none {
            lists[list].first = node.next
        } else {
            nodes[Int(node.previous)].next = node.next
        }
        if node.next == Self.none {
            lists[list].last = node.previous
        } else {
            nodes[Int(node.next)].previous = node.previous
        }
        if lists[list].first == Self.none { setOccupied(list, false) }
    }

    private mutating func setOccupied(_ list: Int, _ occupied: Bool) {
        guard list < Self.dueList else { return }
        let bit: UInt64 = 1 << UInt64(list & 63)
        if list < Self.nearLists {
            nearOccupied[list / 64] = occupied ? nearOccupied[list / 64] | bit : nearOccupied[list / 64] & ~bit
        } else {
            let level = (list - Self.nearLists) / Self.farLists
            farOccupied[level] = occupied ? farOccupied[level] | bit : farOccupied[level] & ~bit
        }
    }

    private mutating func takeNode() -> Int32 {
        if free == Self.none {
            nodes.append(Node())
            return Int32(nodes.count - 1)
        }
        let index = free
        free = nodes[Int(index)].next
        return index
    }

    private mutating func giveNode(_ index: Int32) {
        nodes[Int(index)].target = nil
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = free
        free = index
    }
}
