import HubProtocol
import Testing

@testable import HubCore

/// A right that a new token no longer gives ends at once, on every way on which a room is heard.
extension HubOverParts {
    @Suite struct RightLostTests {
        /// `anna` loses `lost` while the answer to what she asked of it is held back.
        private func losing(
            asking command: String,
            _ fields: [String: JSON] = [:],
            in lost: String,
            _ hub: TestHub
        ) throws -> JSON {
            let peer = try hub.join("user=anna rooms=ticket:*")
            let auth = try peer.say("auth", ["token": "user=anna rooms=form:* held"])
            hub.store.holdReads()
            let asked = try peer.say(command, fields.merging(["room": .text(lost)]) { $1 })
            try hub.store.waitForReads()
            hub.authenticator.open()
            #expect(try peer.reply(to: auth)["ok"] != .null)
            hub.store.releaseReads()
            let reply = try peer.reply(to: asked)
            #expect(try peer.refusal("history", ["room": .text(lost)])["code"] == "forbidden")
            return reply
        }

        @Test(arguments: [0, 1], ["history", "presence"])
        func whatWasAskedBeforeIsNotTold(_ home: Int, _ command: String) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let reply = try losing(asking: command, in: hub.room(homedOn: home), hub)
                #expect(reply["error"]["code"] == "forbidden")
                #expect(reply["error"]["field"] == "room")
            }
        }

        @Test func whatIsKeptIsStillAnswered() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna rooms=ticket:*")
                let auth = try peer.say("auth", ["token": "user=anna rooms=ticket:* held"])
                hub.store.holdReads()
                let asked = try peer.say("presence", ["room": "ticket:1"])
                try hub.store.waitForReads()
                hub.authenticator.open()
                #expect(try peer.reply(to: auth)["ok"] != .null)
                hub.store.releaseReads()
                #expect(try peer.reply(to: asked)["ok"]["people"] == [])
                try hub.wait { $0.clients.values.allSatisfy { $0.rare == nil && $0.pendingReplies == 0 } }
            }
        }

        @Test func signalsPresenceAndTheWatermarkEnd() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.presenceLeaveDelay = .milliseconds(1)
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna", rooms: [room: ["presence": true, "durable": true]])
                let other = try hub.join("user=boris", rooms: [room: ["durable": true]])
                _ = try peer.push(kind: "presence", in: room)
                try peer.call("auth", ["token": "user=anna rooms=form:*"])
                _ = try peer.push(with: "gone", in: room)
                let guest = try hub.join("user=clara", rooms: [room: [:]])
                try other.call("signal", ["room": .text(room), "kind": "typing"])
                try other.post(room, "1", ack: "durable")
                _ = try other.push(with: "durable", in: room)
                try other.call("read", ["room": .text(room), "upto": 1])
                guest.socket.cut()
                try peer.call("ping")
                #expect(peer.inbox.filter { $0["room"] == .text(room) } == [])
            }
        }

        @Test func whatWasStillToBeFetchedIsNot() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.answerBytes = 4 << 10
            options.hub.ringEvents = 10
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=boris roles=operator")
                let text = String(repeating: "x", count: 1000)
                for _ in 1...100 { try writer.post(room, text, ack: "durable") }
                let peer = try hub.join("user=anna rooms=ticket:*")
                hub.store.holdReads()
                let sub = try peer.say("sub", ["room": .text(room), "since": 0])
                try hub.store.waitForReads()
                hub.store.releaseReads(holdingNext: true)
                #expect(try peer.reply(to: sub)["ok"]["recovered"] == true)
                try hub.store.waitForReads()
                try peer.call("auth", ["token": "user=anna rooms=form:*"])
                _ = try peer.push(with: "gone", in: room)
                hub.store.releaseReads()
                try hub.wait { shard in shard.clients.values.allSatisfy { !$0.isFetching } }
                #expect(try peer.call("ping")["heads"] == [:])
                #expect(peer.inbox.filter { $0["room"] == .text(room) } == [])
            }
        }

        @Test func aRightThatCameBackNeedsAnotherSub() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna rooms=ticket:*")
                hub.store.holdReads()
                let sub = try peer.say("sub", ["room": "ticket:1"])
                try hub.store.waitForReads()
                // Commands behind a `sub` wait; what `auth` comes to is what a second token does, wherever it was said.
                hub.run { shard in
                    for (id, rooms) in [(Int64(100), ["form:*"]), (101, ["ticket:*"])] {
                        let token = Events.person("anna", rooms: rooms)
                        for client in shard.clients.values {
                            client.pendingReplies += 1
                            client.finishAuth(id, .success(token))
                        }
                    }
                }
                hub.store.releaseReads()
                #expect(try peer.reply(to: sub)["error"]["code"] == "forbidden")
                try hub.wait { $0.rooms.values.allSatisfy(\.members.isEmpty) && $0.audiences.isEmpty }
                try peer.call("sub", ["room": "ticket:1"])
            }
        }

        @Test func aNewNameIsShownInEveryRoom() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let rooms = (0..<2).map { hub.room(homedOn: $0) }
                let watcher = try hub.join("user=boris", rooms: [rooms[0]: ["presence": true]])
                let peer = try hub.join("user=anna name=Anna", rooms: [rooms[0]: [:], rooms[1]: [:]])
                #expect(try watcher.push(kind: "presence", in: rooms[0])["join"][0]["name"] == "Anna")
                try peer.call("auth", ["token": "user=anna name=Anne roles=helper"])
                let shown = try watcher.push(kind: "presence", in: rooms[0])
                #expect(shown["join"][0]["name"] == "Anne")
                #expect(shown["join"][0]["roles"] == ["helper"])
                #expect(shown["leave"] == [])
                for room in rooms {
                    let people = try peer.call("presence", ["room": .text(room)])["people"].list!
                    #expect(people.filter { $0["user"] == "anna" }.map(\.["name"]) == ["Anne"])
                }
                try peer.call("auth", ["token": "user=anna name=Anne roles=helper"])
                #expect(try watcher.quiet(rooms[0]) == [])
            }
        }
    }
}
