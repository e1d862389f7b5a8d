import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct DurabilityTests {
        @Test func theReplyWaitsForTheDiskAndThePushDoesNot() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                hub.store.holdWrites()
                let peer = try hub.join("user=anna", rooms: [room: ["durable": true]])
                let durable = try peer.say("send", Peer.message(room, "one", ack: "durable"))
                #expect(try peer.event(in: room)["offset"] == 1)
                #expect(try peer.call("send", Peer.message(room, "two"))["offset"] == 2)
                #expect(try peer.quiet(room).map(\.["offset"]) == [2])
                hub.store.releaseWrites()
                #expect(try peer.reply(to: durable)["ok"]["offset"] == 1)
                #expect(try peer.push(with: "durable", in: room)["durable"].number! >= 1)
            }
        }

        @Test func theWatermarkGoesOnlyToThoseWhoAsked() async throws {
            try await withHub { hub in
                let asked = try hub.join("user=anna", rooms: ["ticket:1": ["durable": true]])
                let other = try hub.join("user=boris", rooms: ["ticket:1": [:]])
                try other.post("ticket:1", "one", ack: "durable")
                #expect(try asked.push(with: "durable", in: "ticket:1")["durable"] == 1)
                #expect(try other.quiet("ticket:1").map(\.["offset"]) == [1])
                // Asking anew without the wish ends it.
                try asked.call("sub", ["room": "ticket:1"])
                try other.post("ticket:1", "two", ack: "durable")
                _ = try asked.offsets(2, in: "ticket:1")
                #expect(try asked.quiet("ticket:1") == [])
            }
        }

        @Test func whatWasAcceptedAndLostIsTakenBack() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(), folder: folder)
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                for number in 1...3 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                hub.store.holdWrites()
                for number in 4...5 { try peer.post("ticket:1", "\(number)") }
                let epoch = peer.welcome["rooms"]["ticket:1"]["ok"]["epoch"]
                let again = try hub.crashed()
                defer { again.stop() }

                let back = try again.join("user=anna", rooms: ["ticket:1": ["since": 5, "epoch": epoch]])
                let answer = back.welcome["rooms"]["ticket:1"]["ok"]
                #expect(answer["recovered"] == true)
                #expect(answer["truncated_to"] == 3)
                #expect(answer["head"] == 3)
                #expect(answer["events"] == [])
                #expect(answer["epoch"] != epoch)
                try back.post("ticket:1", "4 again")
                #expect(try back.event(in: "ticket:1")["offset"] == 4)

                let late = try again.join("user=boris", rooms: ["ticket:1": ["since": 5, "epoch": epoch]])
                let caughtUp = late.welcome["rooms"]["ticket:1"]["ok"]
                #expect(caughtUp["truncated_to"] == 3)
                #expect(caughtUp["events"].list!.map(\.["data"]["text"]) == ["4 again"])
            }
        }
    }
}
