import Testing

@testable import HubCore

@Suite struct JobQueueTests {
    private func queue(_ entries: [(id: String, kind: String, priority: Int, created: Int64)]) -> JobQueue {
        var queue = JobQueue()
        for entry in entries {
            queue.add(
                JobQueue.Entry(priority: entry.priority, created: entry.created, id: entry.id),
                kind: entry.kind
            )
        }
        return queue
    }

    @Test func priorityGoesFirstThenAgeThenTheId() {
        var queue = queue([("a", "x", 0, 1), ("b", "x", 1, 9), ("d", "x", 0, 0), ("c", "x", 0, 1)])
        let order = (0..<4).map { _ in queue.take(["x"]) { _ in true } }
        #expect(order == ["b", "d", "a", "c"])
        #expect(queue.take(["x"]) { _ in true } == nil)
    }

    @Test func onlyTheWantedKindsAreTaken() {
        var queue = queue([("a", "x", 5, 1), ("b", "y", 0, 2), ("c", "z", 1, 3)])
        #expect(queue.take(["y", "z", "nothing"]) { _ in true } == "c")
        #expect(queue.take(["y", "z"]) { _ in true } == "b")
        #expect(queue.take(["y", "z"]) { _ in true } == nil)
        #expect(queue.count == 1)
    }

    @Test func whatStandsNoMoreIsDroppedOnTheWay() {
        var queue = queue([("gone", "x", 5, 1), ("a", "x", 0, 1), ("late", "x", -1, 1)])
        #expect(queue.take(["x"]) { $0 != "gone" } == "a")
        #expect(queue.count == 1)
    }

    @Test func pruningKeepsOneEntryOfWhatStands() {
        var queue = queue([
            ("a", "x", 0, 1), ("a", "x", 0, 1), ("gone", "x", 0, 1), ("gone", "y", 0, 1), ("b", "z", 0, 1),
        ])
        queue.prune { $0 != "gone" }
        #expect(queue.count == 2)
        #expect(queue.take(["x"]) { _ in true } == "a")
        #expect(queue.take(["x", "y"]) { _ in true } == nil)
        #expect(queue.take(["z"]) { _ in true } == "b")
    }
}
