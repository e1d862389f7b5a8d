import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct StreamLifeTests {
        /// Joins, drops, slow readers, attempts, lost producers and killed hubs at random.
        @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
        func everyTextIsABeginningAtEveryMomentAndTheWholeAtTheEnd(_ seed: UInt64) async throws {
            try await withFolder { folder in
                let backends = Backends.offered
                var options = TestHubOptions(
                    loops: Int(seed % 2) + 1,
                    backend: backends[Int(seed) % backends.count],
                    deflate: .asOffered
                )
                // Small, so that readers fall behind, answers are cut and pieces end up on disk.
                options.hub.softQueueBytes = 200
                options.hub.answerBytes = 5000
                options.hub.streamPageBytes = 2000
                options.hub.checkpointInterval = .milliseconds(2)
                options.hub.checkpointBytes = 500
                let hub = try TestHub(options, folder: folder)
                let life = RandomStreams(hub, room: hub.room(homedOn: options.loops - 1), watchers: 4, seed: seed)
                defer { life.stop() }
                try life.live(steps: 400)
                #expect(life.faults == [])
            }
        }
    }
}
