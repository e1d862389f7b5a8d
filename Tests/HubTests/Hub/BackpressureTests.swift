import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct BackpressureTests {
        /// A reader that stops reading, and a writer that goes on until the reader's queue is over the soft limit.
        static func fill(_ hub: TestHub, _ room: String, offer: String? = nil) throws -> (
            reader: Peer, writer: Peer, sent: Int
        ) {
            let reader = try hub.connect(offer: offer, receiveBuffer: 4096)
            try reader.hello("user=slow", rooms: [room: ["presence": true, "durable": true]])
            let writer = try hub.join("user=anna roles=operator")
            var sent = 0
            // Noise, longer than the window, so that compression does not make it small.
            var random = SeededRandom(seed: 1)
            let text = String(
                (0..<40_000).map { _ in "abcdefghijklmnopqrstuvwxyz012345".randomElement(using: &random)! }
            )
            repeat {
                try writer.post(room, text, ack: "durable")
                sent += 1
            } while hub.run { $0.lagging.isEmpty } && sent < 1000
            return (reader, writer, sent)
        }

        @Test(arguments: Backends.offered, [nil, "permessage-deflate"])
        func aSlowReaderGetsTheLatestOfWhatItMissed(_ backend: BackendKind, _ offer: String?) async throws {
            var options = TestHubOptions(backend: backend, deflate: .asOffered)
            options.hub.presenceLeaveDelay = .milliseconds(1)
            try await withHub(options) { hub in
                let (reader, writer, sent) = try Self.fill(hub, "ticket:1", offer: offer)
                for number in 1...20 {
                    try writer.call("signal", ["room": "ticket:1", "kind": "cursor", "data": .number(Int64(number))])
                }
                let guest = try hub.join("user=guest", rooms: ["ticket:1": [:]])
                guest.socket.cut()
                try hub.wait { $0.rooms.values.allSatisfy { $0.presence.people().count == 1 } }
                for _ in 1...5 { try writer.post("ticket:1", "small", ack: "durable") }
                #expect(hub.run { $0.lagging.count } == 1)

                #expect(try reader.offsets(sent + 5, in: "ticket:1") == Array(1...Int64(sent + 5)))
                #expect(try reader.push(kind: "cursor", in: "ticket:1")["data"] == 20)
                let news = try reader.push(kind: "presence", in: "ticket:1")
                #expect(news["leave"] == ["guest"])
                #expect(news["join"] == [])
                let rest = try reader.quiet("ticket:1")
                #expect(rest.filter { $0["durable"] == .null } == [])
                #expect(rest.last?["durable"].number == Int64(sent + 5))
                #expect(rest.count <= sent + 1)
                #expect(hub.run { $0.lagging.count } == 0)
            }
        }

        @Test(arguments: Backends.offered) func signalsAloneAreConflatedToo(_ backend: BackendKind) async throws {
            try await withHub(TestHubOptions(backend: backend)) { hub in
                let reader = try hub.connect(receiveBuffer: 4096)
                try reader.hello("user=slow", rooms: ["ticket:1": [:]])
                let writer = try hub.join("user=anna roles=operator")
                let noise = JSON.text(String(repeating: "x", count: 60_000))
                var sent = 0
                repeat {
                    try writer.call("signal", ["room": "ticket:1", "kind": "cursor", "data": noise])
                    sent += 1
                } while hub.run { $0.lagging.isEmpty } && sent < 1000
                #expect(sent < 1000)
                try writer.call("signal", ["room": "ticket:1", "kind": "cursor", "data": "last"])
                while try reader.push(kind: "cursor", in: "ticket:1")["data"] != "last" {}
            }
        }

        @Test func whatASlowReaderMissedIsBoundedInBytes() async throws {
            var options = TestHubOptions()
            options.hub.hardQueueBytes = 256 << 10
            try await withHub(options) { hub in
                let reader = try hub.connect(receiveBuffer: 4096)
                try reader.hello("user=slow", rooms: ["ticket:1": [:]])
                let writer = try hub.join("user=anna roles=operator")
                let noise = JSON.text(String(repeating: "x", count: 60_000))
                var sent = 0
                while hub.run({ $0.metrics.tooSlow }) == 0, sent < 1000 {
                    try writer.call("signal", ["room": "ticket:1", "kind": .text("kind\(sent)"), "data": noise])
                    sent += 1
                }
                #expect(sent < 1000)
                try hub.wait { shard in shard.audiences.isEmpty }
            }
        }

        @Test(arguments: Backends.offered) func whoIsTooSlowIsClosedAndRecovers(_ backend: BackendKind) async throws {
            var options = TestHubOptions(backend: backend)
            options.hub.hardQueueBytes = 256 << 10
            try await withHub(options) { hub in
                let (reader, writer, first) = try Self.fill(hub, "ticket:1")
                var sent = Int64(first)
                while hub.run({ $0.metrics.tooSlow == 0 }), sent < 1000 {
                    try writer.post("ticket:1", String(repeating: "x", count: 40_000))
                    sent += 1
                }
                #expect(hub.run { $0.metrics.closes } == [4408: 1])
                let code = try reader.closeCode()
                #expect(code == 4408 || code == nil)
                let read = reader.transcript.compactMap(\.["offset"].number)
                #expect(read == Array((1...sent).prefix(read.count)))
                try writer.post("ticket:1", "after")
                sent += 1
                let epoch = reader.welcome["rooms"]["ticket:1"]["ok"]["epoch"]
                let last = Int64(read.count)
                let back = try hub.join("user=slow", rooms: ["ticket:1": ["since": .number(last), "epoch": epoch]])
                let answer = back.welcome["rooms"]["ticket:1"]["ok"]
                #expect(answer["recovered"] == true)
                let rest = answer["events"].list!.map(\.["offset"].number!)
                let pushed = try back.offsets(Int(sent - last) - rest.count, in: "ticket:1")
                #expect(rest + pushed == Array((last + 1)...sent))
            }
        }

        @Test func whatHasWaitedTooLongClosesToo() async throws {
            var options = TestHubOptions()
            options.hub.hardQueueAge = .milliseconds(100)
            try await withHub(options) { hub in
                let (reader, _, _) = try Self.fill(hub, "ticket:1")
                try hub.wait { $0.metrics.closes == [4408: 1] }
                #expect(!reader.hasEnded)
            }
        }

        @Test func theHeartbeatLooksAtSmallQueuesToo() async throws {
            var options = TestHubOptions()
            options.hub.softQueueBytes = 4 << 20
            options.hub.hardQueueBytes = 8 << 20
            options.hub.hardQueueAge = .milliseconds(200)
            options.hub.pingInterval = .milliseconds(500)
            try await withHub(options) { hub in
                let reader = try hub.connect(receiveBuffer: 4096)
                try reader.hello("user=slow", rooms: ["ticket:1": [:]])
                let writer = try hub.join("user=anna roles=operator")
                for _ in 0..<50 {
                    // Heard from all along, so it is not closed for its silence instead.
                    _ = try reader.say("ping")
                    for _ in 0..<10 { try writer.post("ticket:1", String(repeating: "x", count: 60_000)) }
                    let isFilled = hub.run { shard in
                        let slow = shard.clients.values.first { $0.principal?.user == "slow" }
                        return shard.metrics.tooSlow > 0 || (slow?.connection.queuedBytes ?? 0) > 0
                    }
                    if isFilled { break }
                }
                try hub.wait { $0.metrics.tooSlow == 1 }
            }
        }

        @Test func whoDoesNotReadIsNotHeardEither() async throws {
            var options = TestHubOptions()
            options.hub.softQueueBytes = 8000
            try await withHub(options) { hub in
                let writer = try hub.join("user=anna roles=operator")
                for _ in 1...5 { try writer.post("ticket:1", String(repeating: "x", count: 50_000)) }
                let reader = try hub.connect(receiveBuffer: 4096)
                try reader.hello("user=slow")
                // Answers of 250 KB each: far more than the sockets take, and no more is asked for than fits.
                let pages = (0..<60).map { _ in reader.line("history", ["room": "ticket:1"]) }
                let last = reader.line("ping")
                try reader.send(pages.map(\.text))
                try reader.send(last.text)
                try hub.wait { $0.clients.values.contains { $0.connection.queuedBytes > 8000 } }
                let queued = hub.run { shard in shard.clients.values.map(\.connection.queuedBytes) }
                #expect(queued.allSatisfy { $0 < 600_000 })
                for page in pages { #expect(try reader.reply(to: page.id)["ok"]["events"].list?.count == 5) }
                #expect(try reader.reply(to: last.id)["ok"] != .null)
            }
        }
    }
}
