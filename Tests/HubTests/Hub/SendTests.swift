import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct SendTests {
        @Test func theReceiptSaysWhereAndWhen() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                let first = try peer.post("ticket:1", "one")
                #expect(first["offset"] == 1)
                #expect(first["epoch"].text == hub.store.epochs.currentName)
                #expect(abs(first["at"].number! - WallClock.milliseconds) < 60_000)
                #expect(first["duplicate"] == .null)
                #expect(try peer.post("ticket:1", "two")["offset"] == 2)
            }
        }

        @Test func dataIsKeptAsItWasWritten() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.send(
                    #"{"id":2,"cmd":"send","room":"ticket:1","kind":"message","data":{"a" : 1.50e3,"a2":"\u00e9"}}"#
                )
                #expect(try peer.reply(to: 2)["ok"]["offset"] == 1)
                let page = hub.ask { (shard: Shard, done: @escaping @Sendable ([String]) -> Void) in
                    let person = Events.person("op", roles: .operator)
                    shard.history(person, room: RoomName("ticket:1"), before: nil, after: nil, limit: 1) { result in
                        done((try? result.get().events.map(\.text)) ?? [])
                    }
                }
                #expect(page[0].hasSuffix(#","data":{"a" : 1.50e3,"a2":"\u00e9"}}"#))
            }
        }

        @Test(arguments: Backends.offered) func allReadersSeeOneOrderWithoutGaps(_ backend: BackendKind) async throws {
            try await withHub(TestHubOptions(loops: 2, backend: backend)) { hub in
                let room = hub.room(homedOn: 1)
                let readers = try (0..<4).map { try hub.join("user=r\($0)", on: $0 % 2, rooms: [room: [:]]) }
                let writers = try (0..<4).map { try hub.join("user=w\($0) roles=operator", on: $0 % 2) }
                var ids: [[Int64]] = Array(repeating: [], count: 4)
                for round in 0..<50 {
                    for (index, writer) in writers.enumerated() {
                        ids[index].append(try writer.say("send", Peer.message(room, "\(index)-\(round)")))
                    }
                }
                for (index, writer) in writers.enumerated() {
                    let offsets = try ids[index].map { try writer.reply(to: $0)["ok"]["offset"].number! }
                    #expect(offsets == offsets.sorted())
                }
                let first = try (0..<200).map { _ in try readers[0].event(in: room) }
                #expect(first.map(\.["offset"].number!) == Array(1...200))
                for writer in 0..<4 {
                    let own = first.filter { $0["by"] == "w\(writer)" }.map { $0["data"]["text"] }
                    #expect(own == (0..<50).map { "\(writer)-\($0)" })
                }
                for reader in readers.dropFirst() {
                    #expect(try (0..<200).map { _ in try reader.event(in: room) } == first)
                }
            }
        }

        @Test func severalCommandsInAFrameTakeEffectInOrder() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let peer = try hub.join("user=anna")
                let sub = peer.line("sub", ["room": .text(room)])
                let one = peer.line("send", Peer.message(room, "1"))
                let two = peer.line("send", Peer.message(room, "2"))
                let bad = peer.line("send", ["room": .text(room)])
                let unsub = peer.line("unsub", ["room": .text(room)])
                let three = peer.line("send", Peer.message(room, "3"))
                try peer.send([sub, one, two, bad, unsub, three].map(\.text) + ["", "{"])
                #expect(try peer.reply(to: three.id)["ok"]["offset"] == 3)
                #expect(try peer.reply(to: bad.id)["error"]["field"] == "kind")
                #expect(try peer.offsets(2, in: room) == [1, 2])
                let broken = try peer.take("the answer to the broken line") {
                    $0["id"] == .null && $0["error"] != .null
                }
                #expect(broken["error"]["code"] == "bad_request")
                #expect(try peer.quiet(room) == [])
            }
        }

        @Test func reservedKindsAreForbidden() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                for kind in ["stream", "presence", "ticket_created", "sys.x"] {
                    let fields: [String: JSON] = ["room": "ticket:1", "kind": .text(kind), "data": 1]
                    for command in ["send", "signal"] {
                        let error = try peer.refusal(command, fields)
                        #expect(error["code"] == "forbidden")
                        #expect(error["field"] == "kind")
                    }
                }
            }
        }

        @Test func tooMuchDataIsTooLarge() async throws {
            var options = TestHubOptions()
            options.hub.dataBytes = 100
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                let long = Peer.message("ticket:1", String(repeating: "x", count: 101))
                #expect(try peer.refusal("send", long)["code"] == "too_large")
                try peer.post("ticket:1", "short")
            }
        }

        @Test func theClockNeverGoesBackWithinARoom() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                for number in 0..<20 { try peer.say("send", Peer.message("ticket:1", "\(number)")) }
                let times = try (0..<20).map { _ in try peer.event(in: "ticket:1")["at"].number! }
                #expect(times == times.sorted())
            }
        }

        @Test func whatIsNotServedIsUnsupported() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                for command in ["job.nothing", "desk.get", "stream.nothing", "dance"] {
                    let error = try peer.refusal(command)
                    #expect(error["code"] == "unsupported")
                    #expect(error["field"] == "cmd")
                }
            }
        }
    }
}
