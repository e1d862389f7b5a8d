import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct RecoveryTests {
        @Test func aClientThatWasCutGetsWhatItMissed() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=anna")
                let reader = try hub.join("user=boris", rooms: [room: [:]])
                let epoch = reader.welcome["rooms"][room]["ok"]["epoch"]
                for number in 1...3 { try writer.post(room, "\(number)") }
                #expect(try reader.offsets(3, in: room) == [1, 2, 3])
                reader.socket.cut()
                for number in 4...6 { try writer.post(room, "\(number)") }
                let back = try hub.join("user=boris", on: 1, rooms: [room: ["since": 3, "epoch": epoch]])
                let answer = back.welcome["rooms"][room]["ok"]
                #expect(answer["recovered"] == true)
                #expect(answer["truncated_to"] == .null)
                #expect(answer["events"].list!.map(\.["offset"]) == [4, 5, 6])
                #expect(answer["more"] == true)
                try writer.post(room, "7")
                #expect(try back.offsets(1, in: room) == [7])
            }
        }

        @Test func aRestartThatLostNothingCostsNothing() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(), folder: folder)
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                for number in 1...3 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                let epoch = peer.welcome["rooms"]["ticket:1"]["ok"]["epoch"]
                let second = try hub.restarted()
                let back = try second.join("user=anna", rooms: ["ticket:1": ["since": 2, "epoch": epoch]])
                let answer = back.welcome["rooms"]["ticket:1"]["ok"]
                #expect(answer["recovered"] == true)
                #expect(answer["events"].list!.map(\.["offset"]) == [3])
                #expect(answer["epoch"] != epoch)
                let third = try second.restarted()
                defer { third.stop() }
                let again = try third.join("user=anna", rooms: ["ticket:1": ["since": 3, "epoch": answer["epoch"]]])
                #expect(again.welcome["rooms"]["ticket:1"]["ok"]["recovered"] == true)
            }
        }

        @Test func anythingElseGetsTheNewestPage() async throws {
            var options = TestHubOptions()
            options.hub.recoverEvents = 3
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                for number in 1...6 { try peer.post("ticket:1", "\(number)") }
                let epoch = JSON.text(hub.store.epochs.currentName)
                let asked: [[String: JSON]] = [
                    ["since": 4, "epoch": "unknown"], ["since": 7, "epoch": epoch], ["since": 2, "epoch": epoch],
                    ["since": 0], ["epoch": epoch],
                ]
                for fields in asked {
                    let sub = fields.merging(["room": "ticket:1", "limit": 2]) { $1 }
                    let answer = try peer.call("sub", sub)
                    #expect(answer["recovered"] == false, "\(fields)")
                    #expect(answer["events"].list!.map(\.["offset"]) == [5, 6], "\(fields)")
                }
                #expect(try peer.call("sub", ["room": "ticket:1", "since": 3, "epoch": epoch])["recovered"] == true)
                #expect(try peer.refusal("sub", ["room": "ticket:1", "since": 3])["field"] == "epoch")
            }
        }

        @Test func sinceZeroIsFromTheFirstKeptEvent() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                for number in 1...3 { try peer.post("ticket:1", "\(number)") }
                let answer = try peer.call("sub", ["room": "ticket:1", "since": 0])
                #expect(answer["recovered"] == true)
                #expect(answer["events"].list!.map(\.["offset"]) == [1, 2, 3])
                #expect(answer["more"] == false)
            }
        }

        /// The answer holds a part, the rest follows as pushes, and others keep sending meanwhile.
        @Test(arguments: [10, 1000], Backends.offered)
        func whatTheAnswerCantHoldFollowsInOrder(_ ring: Int, _ backend: BackendKind) async throws {
            var options = TestHubOptions(loops: 2, backend: backend)
            options.hub.ringEvents = ring
            options.hub.answerBytes = 5000
            options.hub.softQueueBytes = 20_000
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let text = String(repeating: "x", count: 300)
                let writer = try hub.join("user=w roles=operator", on: 1)
                for _ in 1..<200 { try writer.say("send", Peer.message(room, text, ack: "accepted")) }
                try writer.post(room, text, ack: "durable")
                let others = Background {
                    let writer = try hub.join("user=v roles=operator", on: 0)
                    for _ in 1...200 { try writer.post(room, text) }
                }
                let readers = try (0..<2).map { loop in
                    let reader = try hub.join("user=boris", on: loop)
                    let answer = try reader.call("sub", ["room": .text(room), "since": 0])
                    #expect(answer["recovered"] == true)
                    let inAnswer = answer["events"].list!.map(\.["offset"].number!)
                    #expect(inAnswer == Array(1...Int64(inAnswer.count)))
                    #expect(inAnswer.count < 20)
                    #expect(answer["head"].number! >= 200)
                    return (reader, Int64(inAnswer.count))
                }
                for (reader, last) in readers {
                    #expect(try reader.offsets(400 - Int(last), in: room) == Array((last + 1)...400))
                }
                try others.finish()
                for (reader, _) in readers { #expect(try reader.quiet(room) == []) }
            }
        }

        @Test func aHellosRoomsShareOneAnswersBytes() async throws {
            var options = TestHubOptions()
            options.hub.answerBytes = 6000
            try await withHub(options) { hub in
                let writer = try hub.join("user=w roles=operator")
                let text = String(repeating: "x", count: 700)
                let rooms = (1...4).map { "ticket:\($0)" }
                for room in rooms { for _ in 1...8 { try writer.post(room, text) } }
                let wishes = Dictionary(
                    uniqueKeysWithValues: rooms.enumerated().map { index, room in
                        (room, index < 2 ? ["since": 0] as JSON : [:])
                    }
                )
                let reader = try hub.join("user=boris", rooms: wishes)
                let answers = rooms.map { reader.welcome["rooms"][$0]["ok"] }
                let bytes = answers.flatMap { $0["events"].list! }.reduce(0) { $0 + $1.encoded.utf8.count }
                #expect(bytes <= 6000)
                #expect(bytes > 4000)
                for (room, answer) in zip(rooms, answers) where answer["recovered"] == true {
                    let had = answer["events"].list!.count
                    #expect(try reader.offsets(8 - had, in: room) == Array(Int64(had + 1)...8))
                }
                for answer in answers where answer["recovered"] == false {
                    let offsets = answer["events"].list!.map(\.["offset"].number!)
                    #expect(offsets == Array((1...8).suffix(offsets.count)))
                    #expect(answer["more"] == true)
                }
                for room in rooms {
                    try writer.post(room, "9")
                    #expect(try reader.offsets(1, in: room) == [9])
                }
            }
        }

        @Test(arguments: Backends.offered)
        func noPushPrecedesTheAnswerThatJoined(_ backend: BackendKind) async throws {
            try await withHub(TestHubOptions(loops: 2, backend: backend)) { hub in
                let rooms = (1...20).map { "ticket:\($0)" }
                let writers = (0..<2).map { loop in
                    Background {
                        let writer = try hub.join("user=w\(loop) roles=operator", on: loop)
                        for round in 0..<10 {
                            let ids = try rooms.map {
                                try writer.say("send", Peer.message($0, "\(round)", ack: "accepted"))
                            }
                            for room in rooms { try writer.say("signal", ["room": .text(room), "kind": "typing"]) }
                            for id in ids { _ = try writer.reply(to: id) }
                        }
                    }
                }
                let wishes: [String: JSON] = Dictionary(uniqueKeysWithValues: rooms.map { ($0, ["presence": true]) })
                let readers = try (0..<8).map { try hub.join("user=r\($0)", on: $0 % 2, rooms: wishes) }
                for writer in writers { try writer.finish() }
                for reader in readers {
                    #expect(reader.transcript.first?["ok"]["user"] != nil)
                    for room in rooms {
                        let answer = reader.welcome["rooms"][room]["ok"]
                        let head = answer["head"].number!
                        #expect(
                            answer["events"].list!.map(\.["offset"].number!)
                                == Array((1...max(head, 1)).prefix(Int(head)))
                        )
                        if head < 20 { #expect(try reader.offsets(20 - Int(head), in: room) == Array((head + 1)...20)) }
                    }
                }
            }
        }

        /// What was on its way to a subscriber that left and came back belongs to the subscription it left.
        @Test func aPieceOnItsWayDoesNotFollowUnsub() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.ringEvents = 2
            options.hub.answerBytes = 1000
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let writer = try hub.join("user=anna roles=operator", on: 1)
                for _ in 1...20 { try writer.post(room, String(repeating: "x", count: 300), ack: "durable") }
                hub.store.holdReads()
                let reader = try hub.join("user=boris roles=operator", on: 0)
                let first = try reader.say("sub", ["room": .text(room), "since": 0])
                try hub.store.waitForReads()
                hub.store.releaseReads(holdingNext: true)
                #expect(try reader.reply(to: first)["ok"]["recovered"] == true)
                try hub.store.waitForReads()
                let unsub = reader.line("unsub", ["room": .text(room)])
                let again = reader.line("sub", ["room": .text(room), "since": 0])
                try reader.send([unsub.text, again.text])
                try hub.store.waitForReads(2)
                hub.store.releaseReads()
                let answer = try reader.reply(to: again.id)["ok"]
                let had = answer["events"].list!.map(\.["offset"].number!)
                let left = reader.transcript.firstIndex { $0["id"] == .number(unsub.id) }!
                let back = reader.transcript.firstIndex { $0["id"] == .number(again.id) }!
                #expect(reader.transcript[left..<back].filter { $0["room"] == .text(room) } == [])
                let rest = try reader.offsets(20 - had.count, in: room)
                #expect(had + rest == Array(1...20))
            }
        }

        @Test func aDiskThatCantBeReadWhileCatchingUpClosesToComeBack() async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 2
            options.hub.answerBytes = 1000
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for _ in 1...20 { try peer.post("ticket:1", String(repeating: "x", count: 300), ack: "durable") }
                hub.store.holdReads()
                let reader = try hub.join("user=boris")
                let sub = try reader.say("sub", ["room": "ticket:1", "since": 0])
                try hub.store.waitForReads()
                hub.store.failReads(true)
                hub.store.releaseReads()
                #expect(try reader.reply(to: sub)["ok"]["recovered"] == true)
                #expect(try reader.closeCode() == 1011)
            }
        }
    }
}
