/// What a returning client's `since` and `epoch` mean for one room.
///
/// Every start of the hub has an epoch. The room remembers in which starts it got events and the first offset
/// of each, which is enough to know the cut of every earlier epoch: whatever that epoch's clients saw beyond
/// the offset before the next start's first event did not survive.
struct EpochCuts {
    /// Ascending: the number of a start and the first offset that the room gave in it.
    private(set) var starts: [(start: Int, firstOffset: Int64)]

    init(starts: [(start: Int, firstOffset: Int64)]) {
        self.starts = starts
    }

    /// Notes that the room gives `offset` as its first one in `start`, unless it already has one there.
    mutating func gave(_ offset: Int64, in start: Int) {
        if let last = starts.last, last.start >= start { return }
        starts.append((start, offset))
    }

    /// The last offset of what `start` knew that is still true; `head` is the room's present head.
    func cut(of start: Int, head: Int64) -> Int64 {
        guard let next = starts.first(where: { $0.start > start }) else { return head }
        return next.firstOffset - 1
    }

    /// How a client that was at `since` in `epoch` (nil: none named, as only `since: 0` may) can be brought up to date.
    func recovery(since: Int64, epoch: String?, in epochs: EpochList, within bounds: Bounds) -> Recovery {
        let start: Int
        if let epoch {
            guard let number = epochs.number(of: epoch) else { return .stale(truncatedTo: nil) }
            start = number
        } else {
            start = epochs.current
        }
        let lastBeforeKept = bounds.firstKept - 1
        if start == epochs.current {
            guard since <= bounds.head else { return .stale(truncatedTo: nil) }
        } else {
            let cut = cut(of: start, head: bounds.head)
            if since > cut {
                return cut >= lastBeforeKept ? .truncated(to: cut) : .stale(truncatedTo: cut)
            }
        }
        let from = since == 0 ? lastBeforeKept : since
        guard from >= lastBeforeKept, bounds.head - from <= bounds.reach else { return .stale(truncatedTo: nil) }
        return .complete(after: from)
    }

    /// What of the room can be replayed.
    struct Bounds {
        var head: Int64
        var firstKept: Int64
        /// How many events behind is still recovered.
        var reach: Int64
    }

    /// The three rules of the contract's *Recovery*.
    enum Recovery: Equatable {
        /// Rule 1: everything after this offset follows.
        case complete(after: Int64)
        /// Rule 2: the client drops what it has after the cut; everything after it follows.
        case truncated(to: Int64)
        /// Rule 3: the newest page, with a gap; where the client also holds what did not survive, the cut.
        case stale(truncatedTo: Int64?)
    }
}
