import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct SubscribeTests {
        @Test func theAnswerHoldsTheNewestPage() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                for number in 1...5 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                let answer = try peer.call("sub", ["room": "ticket:1", "limit": 3])
                #expect(answer["head"] == 5)
                #expect(answer["durable"] == 5)
                #expect(answer["recovered"] == false)
                #expect(answer["more"] == true)
                #expect(answer["streams"] == [])
                #expect(answer["reads"] == [:])
                #expect(answer["presence"] == .null)
                let events = answer["events"].list!
                #expect(events.map(\.["offset"]) == [3, 4, 5])
                #expect(events[0]["room"] == "ticket:1")
                #expect(events[0]["by"] == "anna")
                #expect(events[0]["kind"] == "message")
                #expect(events[0]["data"] == ["text": "3"])
            }
        }

        @Test func limitZeroGivesNoPage() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                try peer.post("ticket:1", "1")
                let answer = try peer.call("sub", ["room": "ticket:1", "limit": 0])
                #expect(answer["events"] == [])
                #expect(answer["more"] == true)
                #expect(answer["head"] == 1)
            }
        }

        @Test(arguments: Backends.offered) func theFirstPushComesAfterTheHead(_ backend: BackendKind) async throws {
            try await withHub(TestHubOptions(loops: 2, backend: backend)) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=anna", on: 1)
                for number in 1...3 { try writer.post(room, "\(number)") }
                let reader = try hub.join("user=boris", on: 0, rooms: [room: [:]])
                #expect(reader.welcome["rooms"][room]["ok"]["head"] == 3)
                for number in 4...6 { try writer.post(room, "\(number)") }
                #expect(try reader.offsets(3, in: room) == [4, 5, 6])
            }
        }

        @Test func aSenderGetsItsOwnEventsWithTheKey() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.post("ticket:1", "hello", key: "k1")
                let event = try peer.event(in: "ticket:1")
                #expect(event["key"] == "k1")
                #expect(event["by"] == "anna")
            }
        }

        @Test func subscribingTwiceAnswersAnewAndDoublesNothing() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna", rooms: [room: [:]])
                try peer.post(room, "1")
                let answer = try peer.call("sub", ["room": .text(room), "presence": true])
                #expect(answer["head"] == 1)
                #expect(answer["presence"][0]["user"] == "anna")
                try peer.post(room, "2")
                #expect(try peer.offsets(2, in: room) == [1, 2])
                #expect(try peer.quiet(room).isEmpty)
            }
        }

        @Test func nothingFollowsUnsub() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let reader = try hub.join("user=anna", rooms: [room: ["presence": true, "durable": true]])
                let writer = try hub.join("user=boris", on: 1)
                for number in 1...20 { try writer.say("send", Peer.message(room, "\(number)")) }
                let id = try reader.say("unsub", ["room": .text(room)])
                #expect(try reader.reply(to: id)["ok"] == [:])
                try writer.post(room, "21", ack: "durable")
                _ = try reader.quiet(room)
                let place = reader.transcript.firstIndex { $0["id"] == .number(id) }!
                #expect(reader.transcript[place...].filter { $0["room"] == .text(room) } == [])
                let again = try reader.call("sub", ["room": .text(room), "limit": 0])
                #expect(again["head"] == 21)
            }
        }

        @Test func unsubscribingTwiceIsNoMistake() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna", rooms: [room: [:]])
                let first = peer.line("unsub", ["room": .text(room)])
                let second = peer.line("unsub", ["room": .text(room)])
                let third = peer.line("sub", ["room": .text(room)])
                try peer.send([first.text, second.text, third.text])
                #expect(try peer.reply(to: first.id)["ok"] == [:])
                #expect(try peer.reply(to: second.id)["ok"] == [:])
                #expect(try peer.reply(to: third.id)["ok"]["head"] == 0)
                #expect(try peer.call("unsub", ["room": "ticket:never"]) == [:])
                try peer.post(room, "1")
                #expect(try peer.offsets(1, in: room) == [1])
            }
        }

        @Test func whatIsForbiddenNamesTheRoom() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna rooms=ticket:1")
                for command in ["sub", "history", "presence"] {
                    let error = try peer.refusal(command, ["room": "ticket:2"])
                    #expect(error["code"] == "forbidden")
                    #expect(error["field"] == "room")
                }
                #expect(try peer.refusal("read", ["room": "ticket:2", "upto": 1])["code"] == "forbidden")
                #expect(try peer.refusal("signal", ["room": "ticket:2", "kind": "typing"])["code"] == "forbidden")
                #expect(try peer.refusal("send", Peer.message("ticket:2", "x"))["code"] == "forbidden")
                let viewer = try hub.join("user=vera roles=viewer")
                try viewer.call("sub", ["room": "ticket:1"])
                #expect(try viewer.refusal("send", Peer.message("ticket:1", "x"))["code"] == "forbidden")
            }
        }

        @Test func aTenantNeverSeesAnothersRooms() async throws {
            try await withHub { hub in
                let one = try hub.join("user=anna tenant=t1", rooms: ["ticket:1": [:]])
                let two = try hub.join("user=anna tenant=t2", rooms: ["ticket:1": ["presence": true]])
                try one.post("ticket:1", "secret")
                #expect(try two.call("history", ["room": "ticket:1"])["events"] == [])
                #expect(try two.post("ticket:1", "own")["offset"] == 1)
                #expect(try two.event(in: "ticket:1")["data"]["text"] == "own")
                #expect(try two.call("presence", ["room": "ticket:1"])["people"].list?.count == 1)
            }
        }

        @Test func oneRoomMoreThanAllowedIsTooLarge() async throws {
            var options = TestHubOptions()
            options.hub.roomsPerConnection = 2
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:], "ticket:2": [:]])
                #expect(try peer.refusal("sub", ["room": "ticket:3"])["code"] == "too_large")
                try peer.call("sub", ["room": "ticket:2"])
                try peer.call("unsub", ["room": "ticket:2"])
                try peer.call("sub", ["room": "ticket:3"])
            }
        }

        @Test func pingTellsTheHeads() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let near = hub.room(homedOn: 0)
                let far = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna", rooms: [near: [:], far: [:]])
                try peer.post(near, "1")
                try peer.post(far, "1")
                try peer.post(far, "2")
                _ = try peer.offsets(2, in: far)
                let answer = try peer.call("ping")
                #expect(answer["heads"] == .object([near: 1, far: 2]))
                #expect(abs(answer["now"].number! - WallClock.milliseconds) < 60_000)
            }
        }

        @Test func whatIsSentWhileThePageIsReadFromDiskIsInTheAnswer() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.ringEvents = 2
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=anna roles=operator", on: 1)
                for number in 1...6 { try writer.post(room, "\(number)", ack: "durable") }
                hub.store.holdReads()
                let reader = try hub.join("user=boris roles=operator", on: 0)
                let sub = try reader.say("sub", ["room": .text(room), "limit": 4])
                try hub.store.waitForReads()
                try writer.post(room, "7", ack: "durable")
                hub.store.releaseReads()
                let answer = try reader.reply(to: sub)["ok"]
                #expect(answer["head"] == 7)
                #expect(answer["events"].list!.map(\.["offset"]) == [4, 5, 6, 7])
                try writer.post(room, "8")
                #expect(try reader.offsets(1, in: room) == [8])
            }
        }

        @Test func aPageThatTheRingOutranIsTheRings() async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 2
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...6 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                hub.store.holdReads()
                let reader = try hub.join("user=boris roles=operator")
                let sub = try reader.say("sub", ["room": "ticket:1", "limit": 4])
                try hub.store.waitForReads()
                for number in 7...12 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                hub.store.releaseReads()
                let answer = try reader.reply(to: sub)["ok"]
                #expect(answer["head"] == 12)
                #expect(answer["events"].list!.map(\.["offset"]) == [11, 12])
                #expect(answer["more"] == true)
            }
        }
    }
}
