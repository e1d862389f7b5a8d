import Testing

@testable import HubCore

@Suite struct EpochCutsTests {
    /// Three starts. In the first the room got 1…10, of which 9 and 10 were lost; in the second 9…12; in the
    /// third, the present one, 13…20.
    let epochs = EpochList(["a", "b", "c"])
    let cuts = EpochCuts(starts: [(0, 1), (1, 9), (2, 13)])
    let bounds = EpochCuts.Bounds(head: 20, firstKept: 1, reach: 1000)

    func recovery(_ since: Int64, _ epoch: String?, _ bounds: EpochCuts.Bounds? = nil) -> EpochCuts.Recovery {
        cuts.recovery(since: since, epoch: epoch, in: epochs, within: bounds ?? self.bounds)
    }

    @Test func rule1ThePresentEpochGoesOn() {
        #expect(recovery(15, "c") == .complete(after: 15))
        #expect(recovery(20, "c") == .complete(after: 20))
    }

    @Test func rule1AnEarlierEpochGoesOnUpToItsCut() {
        #expect(recovery(8, "a") == .complete(after: 8))
        #expect(recovery(12, "b") == .complete(after: 12))
        #expect(recovery(3, "b") == .complete(after: 3))
    }

    @Test func rule2WhatDidNotSurviveIsTakenBack() {
        #expect(recovery(9, "a") == .truncated(to: 8))
        #expect(recovery(10, "a") == .truncated(to: 8))
        #expect(recovery(13, "b") == .truncated(to: 12))
    }

    @Test func aStartInWhichTheRoomGotNothingMovesNoCut() {
        let epochs = EpochList(["a", "b", "c", "d"])
        let cuts = EpochCuts(starts: [(0, 1), (2, 9)])
        let bounds = EpochCuts.Bounds(head: 9, firstKept: 1, reach: 1000)
        #expect(cuts.recovery(since: 8, epoch: "b", in: epochs, within: bounds) == .complete(after: 8))
        #expect(cuts.recovery(since: 9, epoch: "b", in: epochs, within: bounds) == .truncated(to: 8))
        #expect(cuts.recovery(since: 9, epoch: "c", in: epochs, within: bounds) == .complete(after: 9))
        #expect(cuts.recovery(since: 0, epoch: "d", in: epochs, within: bounds) == .complete(after: 0))
    }

    @Test func aLostTailIsTakenBackBeforeTheRoomGetsAnythingNew() {
        let cuts = EpochCuts(starts: [(0, 1)])
        let bounds = EpochCuts.Bounds(head: 8, firstKept: 1, reach: 1000)
        #expect(cuts.recovery(since: 10, epoch: "a", in: epochs, within: bounds) == .truncated(to: 8))
        #expect(cuts.recovery(since: 8, epoch: "a", in: epochs, within: bounds) == .complete(after: 8))
    }

    @Test func aStartThatLostEverythingItGaveLeavesNoTrace() {
        // The second start gave 9…12 and lost all of it, its row in the table of starts included.
        let cuts = EpochCuts(starts: [(0, 1), (2, 9)])
        let bounds = EpochCuts.Bounds(head: 11, firstKept: 1, reach: 1000)
        #expect(cuts.recovery(since: 12, epoch: "b", in: epochs, within: bounds) == .truncated(to: 8))
    }

    @Test func rule3AnUnknownEpochIsStale() {
        #expect(recovery(5, "of a copy that was restored over") == .stale(truncatedTo: nil))
    }

    @Test func rule3BeyondTheHeadIsStale() {
        #expect(recovery(21, "c") == .stale(truncatedTo: nil))
    }

    @Test func rule3TooFarBehindIsStale() {
        let bounds = EpochCuts.Bounds(head: 20, firstKept: 1, reach: 5)
        #expect(recovery(15, "c", bounds) == .complete(after: 15))
        #expect(recovery(14, "c", bounds) == .stale(truncatedTo: nil))
    }

    @Test func rule3NoLongerKeptIsStale() {
        let bounds = EpochCuts.Bounds(head: 20, firstKept: 15, reach: 1000)
        #expect(recovery(14, "c", bounds) == .complete(after: 14))
        #expect(recovery(13, "c", bounds) == .stale(truncatedTo: nil))
        #expect(recovery(10, "a", bounds) == .stale(truncatedTo: 8))
        #expect(recovery(13, "b", bounds) == .stale(truncatedTo: 12))
    }

    @Test func sinceZeroIsFromTheFirstKeptEvent() {
        #expect(recovery(0, nil) == .complete(after: 0))
        let bounds = EpochCuts.Bounds(head: 20, firstKept: 15, reach: 1000)
        #expect(recovery(0, nil, bounds) == .complete(after: 14))
        #expect(recovery(0, "a", bounds) == .complete(after: 14))
        #expect(recovery(0, "unknown") == .stale(truncatedTo: nil))
        let far = EpochCuts.Bounds(head: 20, firstKept: 1, reach: 5)
        #expect(recovery(0, nil, far) == .stale(truncatedTo: nil))
    }

    @Test func anEmptyRoomIsComplete() {
        let cuts = EpochCuts(starts: [])
        let bounds = EpochCuts.Bounds(head: 0, firstKept: 1, reach: 1000)
        #expect(cuts.recovery(since: 0, epoch: nil, in: epochs, within: bounds) == .complete(after: 0))
        #expect(cuts.recovery(since: 4, epoch: "a", in: epochs, within: bounds) == .truncated(to: 0))
    }

    @Test func onlyTheFirstOffsetOfAStartIsNoted() {
        var cuts = EpochCuts(starts: [(0, 1)])
        cuts.gave(9, in: 2)
        cuts.gave(10, in: 2)
        #expect(cuts.starts.map(\.start) == [0, 2])
        #expect(cuts.starts.map(\.firstOffset) == [1, 9])
    }

    @Test func epochsAreKnownByTheirNames() {
        #expect(epochs.current == 2)
        #expect(epochs.currentName == "c")
        #expect(epochs.number(of: "b") == 1)
        #expect(epochs.number(of: "x") == nil)
    }
}
