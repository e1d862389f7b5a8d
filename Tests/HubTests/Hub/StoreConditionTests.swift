import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct StoreConditionTests {
        @Test func aStoreThatFallsBehindRefusesNewSends() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.post("ticket:1", "1", key: "k", ack: "durable")
                hub.store.say(.busy(retryAfter: 1234))
                let error = try peer.refusal("send", Peer.message("ticket:1", "2"))
                #expect(error["code"] == "busy")
                #expect(error["retry_after"] == 1234)
                #expect(try peer.post("ticket:1", "1", key: "k")["duplicate"] == true)
                try peer.call("read", ["room": "ticket:1", "upto": 1])
                hub.store.say(nil)
                #expect(try peer.post("ticket:1", "2")["offset"] == 2)
            }
        }

        @Test func aDiskThatRefusesLeavesReadsAndSignals() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.post("ticket:1", "1", ack: "durable")
                hub.store.say(.unavailable)
                let error = try peer.refusal("send", Peer.message("ticket:1", "2"))
                #expect(error["code"] == "unavailable")
                #expect(error["retry_after"] != .null)
                #expect(try peer.refusal("read", ["room": "ticket:1", "upto": 1])["code"] == "unavailable")
                #expect(try peer.call("history", ["room": "ticket:1"])["events"].list?.count == 1)
                try peer.call("signal", ["room": "ticket:1", "kind": "typing"])
                _ = try peer.push(kind: "typing", in: "ticket:1")
                hub.store.say(nil)
                #expect(try peer.post("ticket:1", "2", ack: "durable")["offset"] == 2)
            }
        }

        @Test func aRoomThatCantBeWrittenIsUnavailableAndAllOthersGoOn() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let (bad, good) = (hub.room(homedOn: 1), hub.room(homedOn: 0))
                let peer = try hub.join("user=anna", rooms: [bad: [:], good: [:]])
                try peer.post(bad, "1", key: "k", ack: "durable")
                let identity = hub.run(on: 1) { $0.rooms.values.first!.identity }
                hub.store.holdWrites()
                let waiting = try peer.say("send", Peer.message(bad, "2", ack: "durable"))
                try hub.store.waitForWrites(1)
                hub.store.say(isWritable: false, of: identity)
                try hub.wait(on: 1) { $0.rooms.values.contains { !$0.isWritable } }
                for acknowledgement in ["accepted", "durable"] {
                    let error = try peer.refusal("send", Peer.message(bad, "3", ack: acknowledgement))
                    #expect(error["code"] == "unavailable")
                }
                #expect(try peer.refusal("read", ["room": .text(bad), "upto": 1])["code"] == "unavailable")
                #expect(try peer.post(bad, "1", key: "k")["duplicate"] == true)
                #expect(try peer.call("history", ["room": .text(bad)])["events"].list?.count == 2)
                #expect(try peer.post(good, "1")["offset"] == 1)
                hub.store.releaseWrites()
                hub.store.say(isWritable: true, of: identity)
                #expect(try peer.reply(to: waiting)["ok"]["offset"] == 2)
                try hub.wait(on: 1) { $0.rooms.values.allSatisfy(\.isWritable) }
                #expect(try peer.post(bad, "3", ack: "durable")["offset"] == 3)
            }
        }

        @Test func aRoomThatCantBeReadIsUnavailableAndTriedAgain() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                hub.store.failReads(true)
                let peer = try hub.join("user=anna", rooms: [room: [:]])
                #expect(peer.welcome["rooms"][room]["error"]["code"] == "unavailable")
                let fields: [String: JSON] = ["room": .text(room)]
                for command in ["sub", "history", "presence"] {
                    #expect(try peer.refusal(command, fields)["code"] == "unavailable")
                }
                #expect(try peer.refusal("send", Peer.message(room, "x"))["code"] == "unavailable")
                #expect(try peer.refusal("read", fields.merging(["upto": 1]) { $1 })["code"] == "unavailable")
                #expect(try peer.refusal("signal", fields.merging(["kind": "typing"]) { $1 })["code"] == "unavailable")
                #expect(try peer.call("unsub", fields) == [:])
                hub.store.failReads(false)
                #expect(try peer.call("sub", fields)["head"] == 0)
                #expect(try peer.post(room, "x")["offset"] == 1)
            }
        }

        @Test func aPageThatCantBeReadLetsNobodyIn() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.ringEvents = 1
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=anna roles=operator")
                for number in 1...3 { try writer.post(room, "\(number)", ack: "durable") }
                let reader = try hub.join("user=boris")
                let fields: [String: JSON] = ["room": .text(room), "since": 0]
                hub.store.failReads(true)
                #expect(try reader.refusal("sub", fields)["code"] == "unavailable")
                hub.store.failReads(false)
                try writer.post(room, "4")
                #expect(try reader.quiet(room) == [])
                #expect(try reader.call("sub", fields)["events"].list?.count == 4)
                // One that is in and asks anew in vain is out: it was not told what it lacks.
                hub.store.failReads(true)
                #expect(try reader.refusal("sub", fields)["code"] == "unavailable")
                hub.store.failReads(false)
                try writer.post(room, "5")
                #expect(try reader.quiet(room) == [])
                try hub.wait(on: 1) { $0.rooms.values.allSatisfy(\.members.isEmpty) }
                #expect(try reader.call("sub", fields)["events"].list?.count == 5)
            }
        }

        @Test func requestsWaitInOrderWhileARoomWakes() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                hub.store.holdReads()
                let peer = try hub.join("user=anna")
                let other = try hub.join("user=boris")
                let first = try peer.say("send", Peer.message(room, "1", ack: "accepted"))
                try hub.store.waitForReads()
                let sub = try peer.say("sub", ["room": .text(room)])
                try hub.wait(on: 1) { shard in
                    shard.rooms.values.contains {
                        if case .waking(let waiting) = $0.phase { waiting.count == 2 } else { false }
                    }
                }
                let second = try other.say("send", Peer.message(room, "2", ack: "accepted"))
                try hub.wait(on: 1) { shard in
                    shard.rooms.values.contains {
                        if case .waking(let waiting) = $0.phase { waiting.count == 3 } else { false }
                    }
                }
                hub.store.releaseReads()
                #expect(try peer.reply(to: first)["ok"]["offset"] == 1)
                #expect(try peer.reply(to: sub)["ok"]["head"] == 1)
                #expect(try other.reply(to: second)["ok"]["offset"] == 2)
                #expect(try peer.offsets(1, in: room) == [2])
            }
        }

        @Test func whoLeavesWhileTheRoomWakesIsNotInIt() async throws {
            try await withHub { hub in
                hub.store.holdReads()
                let peer = try hub.join("user=anna")
                try peer.say("sub", ["room": "ticket:1"])
                try hub.store.waitForReads()
                peer.socket.cut()
                try hub.wait { $0.clients.isEmpty }
                hub.store.releaseReads()
                let other = try hub.join("user=boris", rooms: ["ticket:1": [:]])
                try other.post("ticket:1", "1")
                #expect(hub.run { shard in shard.rooms.values.map(\.members.count) } == [1])
            }
        }

        @Test func anIdleRoomLeavesMemoryAndComesBack() async throws {
            var options = TestHubOptions()
            options.hub.roomIdle = .milliseconds(1)
            options.hub.presenceLeaveDelay = .milliseconds(1)
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.post("ticket:1", "1", key: "k", ack: "durable")
                try peer.call("read", ["room": "ticket:1", "upto": 1])
                try peer.call("unsub", ["room": "ticket:1"])
                try hub.wait { $0.rooms.isEmpty }
                let answer = try peer.call("sub", ["room": "ticket:1"])
                #expect(answer["head"] == 1)
                #expect(answer["events"].list?.count == 1)
                #expect(answer["reads"] == ["anna": 1])
                #expect(try peer.post("ticket:1", "again", key: "k")["duplicate"] == true)
                #expect(try peer.post("ticket:1", "2", key: "k2")["offset"] == 2)
                // Somebody is in it: it stays.
                let mayGo = hub.run { shard in shard.rooms.values.map { $0.isIdle(at: shard.loop.now, after: .zero) } }
                #expect(mayGo == [false])
            }
        }
    }
}
