import HubProtocol
import Reactor
import Synchronization
import Testing

@testable import HubCore

extension HubOverParts {
    /// Clients that come, go, send, leave rooms and recover at random, each watched by a model of what it may be told.
    @Suite struct RandomLifeTests {
        @Test(arguments: [1, 2, 3, 4] as [UInt64], Backends.offered)
        func everyClientSeesEveryRoomWholeAndInOrder(_ seed: UInt64, _ backend: BackendKind) async throws {
            var options = TestHubOptions(loops: 2, backend: backend)
            // Small, so that answers are cut, the disk is read, and compressed and plain readers both wait.
            options.hub.ringEvents = 8
            options.hub.answerBytes = 1500
            options.hub.softQueueBytes = 4000
            options.hub.presenceLeaveDelay = .milliseconds(1)
            try await withHub(options) { hub in
                let rooms = [hub.room(homedOn: 0), hub.room("map", homedOn: 1), hub.room("job", homedOn: 1)]
                let lives = (0..<5).map { index in
                    let outcome = Box<RandomClient.Outcome>()
                    let thread = Background {
                        let client = RandomClient(hub, rooms, index: index, seed: seed &* 1000 &+ UInt64(index))
                        try client.live(steps: 120)
                        outcome.put(client.outcome)
                    }
                    return (thread, outcome)
                }
                for (thread, _) in lives { try thread.finish() }

                // Everybody is quiet now: the truth is what a newcomer reads.
                let truth = try RandomClient.read(rooms, of: hub)
                for (index, (_, outcome)) in lives.enumerated() {
                    let outcome = outcome.value!
                    #expect(outcome.faults == [], "client \(index)")
                    for (room, log) in outcome.logs {
                        for (offset, text) in log where truth[room]?[offset] != text {
                            Issue.record("client \(index) saw \(text) as \(offset) in \(room)")
                        }
                    }
                    for (key, offset) in outcome.sent { #expect(truth[key.room]?[offset] == key.text) }
                    let own = truth.values.flatMap(\.values).filter { $0.hasPrefix("c\(index)-") }
                    #expect(own.count == Set(own).count)
                    #expect(outcome.sent.allSatisfy { own.contains($0.key.text) })
                }
                // And who comes back from wherever it was gets all of it.
                for (_, outcome) in lives {
                    try RandomClient.recover(outcome.value!, truth, of: hub)
                }
            }
        }
    }
}
