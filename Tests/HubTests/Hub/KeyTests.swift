import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct KeyTests {
        @Test func aSecondSendGetsTheFirstsOffset() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna", rooms: [room: [:]])
                let first = try peer.post(room, "one", key: "k", ack: "durable")
                let second = try peer.post(room, "ignored", key: "k", ack: "durable")
                #expect(second["offset"] == first["offset"])
                #expect(second["at"] == first["at"])
                #expect(second["duplicate"] == true)
                #expect(try peer.offsets(1, in: room) == [1])
                #expect(try peer.quiet(room) == [])
            }
        }

        @Test func keysAreTheSendersOwn() async throws {
            try await withHub { hub in
                let anna = try hub.join("user=anna")
                let boris = try hub.join("user=boris")
                #expect(try anna.post("ticket:1", "a", key: "k")["offset"] == 1)
                #expect(try boris.post("ticket:1", "b", key: "k")["offset"] == 2)
                #expect(try anna.post("ticket:2", "c", key: "k")["duplicate"] == .null)
            }
        }

        @Test func aDuplicateWaitsForTheFirstsDurability() async throws {
            try await withHub { hub in
                hub.store.holdWrites()
                let peer = try hub.join("user=anna")
                let other = try hub.join("user=boris")
                let first = try peer.say("send", Peer.message("ticket:1", "one", key: "k", ack: "durable"))
                let later = try other.say("send", Peer.message("ticket:1", "two", ack: "durable"))
                let second = try peer.say("send", Peer.message("ticket:1", "one", key: "k", ack: "durable"))
                let quick = try peer.call("send", Peer.message("ticket:1", "one", key: "k"))
                #expect(quick["duplicate"] == true)
                #expect(peer.inbox == [])
                hub.store.releaseWrites()
                #expect(try peer.reply(to: second)["ok"]["duplicate"] == true)
                #expect(try peer.reply(to: first)["ok"]["duplicate"] == .null)
                #expect(try other.reply(to: later)["ok"]["offset"] == 2)
            }
        }

        @Test func aKeyThatLeftMemoryIsAskedOfTheDisk() async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 2
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...6 { try peer.post("ticket:1", "\(number)", key: "k\(number)", ack: "durable") }
                let again = try peer.post("ticket:1", "x", key: "k1", ack: "durable")
                #expect(again["offset"] == 1)
                #expect(again["duplicate"] == true)
                #expect(try peer.post("ticket:1", "y", key: "new", ack: "durable")["offset"] == 7)
                #expect(try peer.post("ticket:1", "z")["offset"] == 8)
            }
        }

        @Test func aNewKeyIsNotAskedOfTheDiskThoughOthersHaveLeftMemory() async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 2
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...6 { try peer.post("ticket:1", "\(number)", key: "k\(number)", ack: "durable") }
                // Nothing that asked would be answered.
                hub.store.holdReads()
                #expect(try peer.post("ticket:1", "7", key: "new")["offset"] == 7)
                hub.store.releaseReads()
            }
        }

        @Test func orderHoldsBehindASendWhoseKeyIsAsked() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.keyFilterBytes = 0
            options.hub.ringEvents = 2
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna roles=operator", rooms: [room: [:]])
                for number in 1...4 { try peer.post(room, "\(number)", key: "k\(number)", ack: "durable") }
                hub.store.holdReads()
                var ids = [try peer.say("send", Peer.message(room, "a", key: "new1"))]
                try hub.store.waitForReads()
                // Keys that the disk was not asked for yet, one that it knows, one twice, and none.
                for (text, key) in [("b", "new2"), ("c", "k2"), ("d", "new1"), ("e", nil)] as [(String, String?)] {
                    ids.append(try peer.say("send", Peer.message(room, text, key: key)))
                }
                try hub.wait(on: 1) { $0.rooms.values.first?.gatedSends.count == 5 }
                hub.store.releaseReads()
                let replies = try ids.map { try peer.reply(to: $0)["ok"] }
                #expect(replies.map(\.["offset"]) == [5, 6, 2, 5, 7])
                #expect(replies.map(\.["duplicate"]) == [nil, nil, true, true, nil])
                let events = try (0..<7).map { _ in try peer.event(in: room)["data"]["text"] }
                #expect(events.suffix(3) == ["a", "b", "e"])
            }
        }

        /// A key that memory knew when the disk was asked for others, and does not know when the disk has answered:
        /// what the disk said then is no word about it.
        @Test func aKeyThatLeavesMemoryMeanwhileIsAskedAnew() async throws {
            var options = TestHubOptions()
            options.hub.keyFilterBytes = 0
            options.hub.ringEvents = 1
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator", rooms: ["ticket:1": ["durable": true]])
                for number in 1...4 { try peer.post("ticket:1", "\(number)", key: "k\(number)", ack: "durable") }
                hub.store.holdWrites()
                try peer.post("ticket:1", "5")
                #expect(try peer.post("ticket:1", "6", key: "new6")["offset"] == 6)

                // Number 6 is in memory only. The disk is asked for two others, one after the other.
                hub.store.holdReads()
                let seven = try peer.say("send", Peer.message("ticket:1", "7", key: "new7"))
                try hub.store.waitForReads()
                let eight = try peer.say("send", Peer.message("ticket:1", "8", key: "new8"))
                let again = try peer.say("send", Peer.message("ticket:1", "6 again", key: "new6"))
                try hub.wait { $0.rooms.values.first?.gatedSends.count == 3 }
                hub.store.releaseReads(holdingNext: true)
                try hub.store.waitForReads()
                #expect(try peer.reply(to: seven)["ok"]["offset"] == 7)
                hub.store.releaseWrites()
                while try peer.push(with: "durable")["durable"] != 7 {}
                hub.store.releaseReads()
                #expect(try peer.reply(to: eight)["ok"]["offset"] == 8)
                let reply = try peer.reply(to: again)["ok"]
                #expect(reply["offset"] == 6)
                #expect(reply["duplicate"] == true)
            }
        }

        @Test func keysSurviveARestart() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(), folder: folder)
                let before = try hub.join("user=anna").post("ticket:1", "one", key: "k", ack: "durable")
                let again = try hub.restarted()
                defer { again.stop() }
                let after = try again.join("user=anna").post("ticket:1", "one", key: "k", ack: "durable")
                #expect(after["offset"] == 1)
                #expect(after["duplicate"] == true)
                #expect(after["at"] == before["at"])
                #expect(after["epoch"] != before["epoch"])
            }
        }

        @Test func whereTheDiskCantBeReadNothingIsKept() async throws {
            var options = TestHubOptions()
            options.hub.keyFilterBytes = 0
            options.hub.ringEvents = 1
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...3 { try peer.post("ticket:1", "\(number)", key: "k\(number)", ack: "durable") }
                hub.store.failReads(true)
                let error = try peer.refusal("send", Peer.message("ticket:1", "x", key: "k9"))
                #expect(error["code"] == "unavailable")
                #expect(error["retry_after"] != .null)
                hub.store.failReads(false)
                #expect(try peer.post("ticket:1", "x", key: "k9")["offset"] == 4)
            }
        }
    }
}
