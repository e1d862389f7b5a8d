import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct PresenceInRoomsTests {
        static let quick: TestHubOptions = {
            var options = TestHubOptions(loops: 2)
            options.hub.presenceLeaveDelay = .milliseconds(10)
            return options
        }()

        @Test func joinsAndLeavesGoToThoseWhoAsked() async throws {
            try await withHub(Self.quick) { hub in
                let room = hub.room(homedOn: 1)
                let watcher = try hub.join("user=anna", rooms: [room: ["presence": true]])
                let other = try hub.join("user=boris", rooms: [room: [:]])
                let join = try watcher.push(kind: "presence", in: room)
                #expect(join["join"][0]["user"] == "boris")
                #expect(join["join"][0]["roles"] == ["user"])
                #expect(join["leave"] == [])
                let guest = try hub.join("user=clara name=Clara", on: 1, rooms: [room: [:]])
                #expect(try watcher.push(kind: "presence", in: room)["join"][0]["name"] == "Clara")
                let people = try guest.call("presence", ["room": .text(room)])["people"].list!
                #expect(people.map(\.["user"]) == ["anna", "boris", "clara"])
                guest.socket.cut()
                #expect(try watcher.push(kind: "presence", in: room)["leave"] == ["clara"])
                try other.call("unsub", ["room": .text(room)])
                #expect(try watcher.push(kind: "presence", in: room)["leave"] == ["boris"])
                #expect(try other.quiet(room) == [])
                #expect(try watcher.call("presence", ["room": .text(room)])["people"].list?.count == 1)
            }
        }

        @Test func departuresGoOutOneAfterTheOther() async throws {
            try await withHub(Self.quick) { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": ["presence": true]])
                for _ in 0..<10 {
                    let guests = try (0..<3).map { try hub.join("user=g\($0)", on: $0 % 2, rooms: ["ticket:1": [:]]) }
                    guests.forEach { $0.socket.cut() }
                }
                var present: Set<String> = []
                var sawAll = false
                while !sawAll || !present.isEmpty {
                    let news = try watcher.push(kind: "presence", in: "ticket:1")
                    for person in news["join"].list! { #expect(present.insert(person["user"].text!).inserted) }
                    for user in news["leave"].list! { #expect(present.remove(user.text!) != nil) }
                    sawAll = sawAll || present.contains("g2")
                }
            }
        }

        @Test func aPersonIsThereWhileOneOfTheirConnectionsIs() async throws {
            try await withHub(Self.quick) { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": ["presence": true]])
                let phone = try hub.join("user=boris", on: 0, rooms: ["ticket:1": [:]])
                let laptop = try hub.join("user=boris", on: 1, rooms: ["ticket:1": [:]])
                _ = try watcher.push(kind: "presence", in: "ticket:1")
                try phone.call("unsub", ["room": "ticket:1"])
                let guest = try hub.join("user=clara", rooms: ["ticket:1": [:]])
                guest.socket.cut()
                #expect(try watcher.push(kind: "presence", in: "ticket:1")["join"][0]["user"] == "clara")
                // Clara left later than Boris' phone did, so his leave would have come first.
                #expect(try watcher.push(kind: "presence", in: "ticket:1")["leave"] == ["clara"])
                try laptop.call("unsub", ["room": "ticket:1"])
                #expect(try watcher.push(kind: "presence", in: "ticket:1")["leave"] == ["boris"])
            }
        }

        @Test func aReloadIsNoLeaveAndJoin() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": ["presence": true]])
                let boris = try hub.join("user=boris", rooms: ["ticket:1": [:]])
                let since = try watcher.push(kind: "presence", in: "ticket:1")["join"][0]["since"]
                boris.socket.cut()
                let back = try hub.join("user=boris", on: 1, rooms: ["ticket:1": [:]])
                #expect(try watcher.quiet("ticket:1") == [])
                let people = try back.call("presence", ["room": "ticket:1"])["people"].list!
                #expect(people.first { $0["user"] == "boris" }?["since"] == since)
            }
        }
    }

    @Suite struct SignalTests {
        @Test func signalsGoToEveryoneAndAreNeverKept() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let sender = try hub.join("user=anna", on: 0, rooms: [room: [:]])
                let reader = try hub.join("user=boris", on: 1, rooms: [room: [:]])
                #expect(try sender.call("signal", ["room": .text(room), "kind": "cursor", "data": ["x": 1]]) == [:])
                #expect(try sender.push(kind: "cursor", in: room)["by"] == "anna")
                let push = try reader.push(kind: "cursor", in: room)
                #expect(push["data"] == ["x": 1])
                #expect(push["offset"] == .null)
                try sender.call("signal", ["room": .text(room), "kind": "typing"])
                #expect(try reader.push(kind: "typing", in: room)["data"] == .null)
                #expect(try reader.call("history", ["room": .text(room)])["events"] == [])
            }
        }

        @Test func oneTurnShowsTheLatestOfAPersonAndKind() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let lines = (1...5).map { number in
                    peer.line("signal", ["room": "ticket:1", "kind": "cursor", "data": .number(number)])
                }
                let typing = peer.line("signal", ["room": "ticket:1", "kind": "typing"])
                try peer.send((lines + [typing]).map(\.text))
                for line in lines + [typing] { #expect(try peer.reply(to: line.id)["ok"] == [:]) }
                #expect(try peer.push(kind: "cursor", in: "ticket:1")["data"] == 5)
                _ = try peer.push(kind: "typing", in: "ticket:1")
                #expect(try peer.quiet("ticket:1") == [])
            }
        }

        @Test func aMessageTakesItsSendersTypingBack() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let lines = [
                    peer.line("signal", ["room": "ticket:1", "kind": "typing"]),
                    peer.line("signal", ["room": "ticket:1", "kind": "cursor", "data": 1]),
                    peer.line("send", Peer.message("ticket:1", "done")),
                    peer.line("signal", ["room": "ticket:1", "kind": "cursor", "data": 2]),
                ]
                try peer.send(lines.map(\.text))
                #expect(try peer.event(in: "ticket:1")["data"]["text"] == "done")
                #expect(try peer.push(kind: "cursor", in: "ticket:1")["data"] == 2)
                #expect(try peer.quiet("ticket:1") == [])
            }
        }
    }

    @Suite struct ReadMarkTests {
        @Test func marksGoUpAreShownAndSurviveARestart() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(loops: 2), folder: folder)
                let room = hub.room(homedOn: 1)
                let anna = try hub.join("user=anna", rooms: [room: [:]])
                let boris = try hub.join("user=boris", rooms: [room: [:]])
                for number in 1...3 { try anna.post(room, "\(number)") }
                #expect(try boris.call("read", ["room": .text(room), "upto": 2]) == [:])
                let push = try anna.push(kind: "read", in: room)
                #expect(push["by"] == "boris")
                #expect(push["upto"] == 2)
                // Never down: nothing changes, nobody is told.
                #expect(try boris.call("read", ["room": .text(room), "upto": 1]) == [:])
                #expect(try anna.call("sub", ["room": .text(room)])["reads"] == ["boris": 2])
                let error = try boris.refusal("read", ["room": .text(room), "upto": 4])
                #expect(error["code"] == "bad_request")
                #expect(error["field"] == "upto")
                let again = try hub.restarted()
                defer { again.stop() }
                let back = try again.join("user=anna", rooms: [room: [:]])
                #expect(back.welcome["rooms"][room]["ok"]["reads"] == ["boris": 2])
            }
        }

        @Test func theReplyWaitsForTheDisk() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                for number in 1...3 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                hub.store.holdWrites()
                let first = try peer.say("read", ["room": "ticket:1", "upto": 2])
                let lower = try peer.say("read", ["room": "ticket:1", "upto": 1])
                let higher = try peer.say("read", ["room": "ticket:1", "upto": 3])
                #expect(try peer.push(kind: "read", in: "ticket:1")["upto"] != .null)
                try peer.call("ping")
                #expect(peer.inbox.filter { $0["id"] != .null } == [])
                hub.store.releaseWrites()
                for id in [first, lower, higher] { #expect(try peer.reply(to: id)["ok"] == [:]) }
            }
        }
    }
}
