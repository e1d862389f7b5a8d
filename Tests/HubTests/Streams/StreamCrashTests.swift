import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct StreamCrashTests {
        private static let worker = "user=bot roles=worker rooms=ticket:*"

        @Test func aProducerGoesOnFromWhatIsOnDisk() async throws {
            var options = TestHubOptions()
            options.hub.checkpointBytes = 4
            try await withFolder { [options] folder in
                var hub = try TestHub(options, folder: folder)
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                var durable: Int64 = 0
                try producer.append("s1", from: 0, ["ab", "cd", "e"])
                while durable < 3 {
                    durable = try producer.append("s1", from: 3, [])["durable"].number!
                }
                hub.store.holdWrites()
                try producer.append("s1", from: 3, ["lost", "lost"])
                hub = try hub.crashed()
                defer { hub.stop() }
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let snapshot = watcher.welcome["rooms"]["ticket:1"]["ok"]["streams"][0]
                #expect(snapshot["text"] == "abcde" && snapshot["to"] == 3)
                let back = try hub.join(Self.worker)
                #expect(try back.open("s1", in: "ticket:1")["next"] == 3)
                try back.append("s1", from: 2, ["e", "f"])
                try back.close("s1")
                #expect(try watcher.ending(of: "s1")["data"]["text"] == "abcdef")
                var reader = StreamReader()
                reader.read(watcher)
                #expect(reader.faults == [])
            }
        }

        @Test func whereNobodyComesItEndsWithWhatWasOnDisk() async throws {
            var options = TestHubOptions()
            options.hub.checkpointBytes = 1
            options.hub.checkpointInterval = .milliseconds(10)
            options.hub.streamGrace = .milliseconds(50)
            try await withFolder { [options] folder in
                var hub = try TestHub(options, folder: folder)
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.open("s2", in: "ticket:2", ["attempt": 3])
                while try producer.append("s1", from: 0, ["kept"])["durable"] != 1 {}
                hub.store.holdWrites()
                hub = try hub.crashed()
                defer { hub.stop() }
                // Nobody asks for these rooms: the hub looks after them by itself.
                try hub.wait { $0.metrics.streamsEnded == [.interrupted: 2] }
                let page = try hub.join("user=anna").call("history", ["room": "ticket:1"])
                #expect(page["events"][1]["data"]["text"] == "kept")
                #expect(page["events"][1]["data"]["state"] == "interrupted")
            }
        }

        @Test func aStopKeepsTheTextAndItsStartGoesOn() async throws {
            try await withFolder { folder in
                var hub = try TestHub(TestHubOptions(), folder: folder)
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["all", " of it"])
                hub.run { $0.closeAll() }
                hub = try hub.restarted()
                defer { hub.stop() }
                let back = try hub.join(Self.worker)
                #expect(try back.open("s1", in: "ticket:1")["next"] == 2)
            }
        }
    }
}
