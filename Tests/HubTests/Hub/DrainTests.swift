import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct DrainTests {
        @Test func everyoneIsToldAnsweredAndClosedWith1012() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.drainAcceptRate = 1
            try await withHub(options) { hub in
                hub.store.holdWrites()
                let idle = try (0..<3).map { _ in try hub.join("user=anna", on: 0) }
                let waiting = try hub.join("user=boris", on: 1)
                let send = try waiting.say("send", Peer.message("ticket:1", "1", ack: "durable"))
                try hub.store.waitForWrites(1)
                let drain = Background { await hub.hub.drain(deadline: .seconds(30)) }
                let notice = try waiting.push(with: "drain")["drain"]
                #expect(notice["deadline"] == 30_000)
                var slots: [Int64] = []
                for peer in idle {
                    slots.append(try peer.push(with: "drain")["drain"]["reconnect_after"].number!)
                    #expect(try peer.closeCode() == 1012)
                }
                // One a second over two loops: each of them two seconds apart, with up to 100 ms of chance.
                #expect(Set(slots.map { $0 / 1000 }) == [0, 2, 4])
                // Who waits for an answer stays and goes on.
                try waiting.call("ping")
                let newcomer = try hub.connect(on: 1)
                #expect(try newcomer.closeCode() == 1012)
                hub.store.releaseWrites()
                #expect(try waiting.reply(to: send)["ok"]["offset"] == 1)
                #expect(try waiting.closeCode() == 1012)
                try drain.finish()
            }
        }

        @Test func atTheDeadlineAllAreClosed() async throws {
            try await withHub { hub in
                hub.store.holdWrites()
                let waiting = try hub.join("user=boris")
                try waiting.say("send", Peer.message("ticket:1", "1", ack: "durable"))
                try hub.store.waitForWrites(1)
                let drain = Background { await hub.hub.drain(deadline: .milliseconds(50)) }
                #expect(try waiting.closeCode() == 1012)
                try drain.finish()
                hub.store.releaseWrites()
            }
        }

        @Test func whoStillHasToReadIsAnsweredFirst() async throws {
            var options = TestHubOptions()
            options.hub.softQueueBytes = 8000
            try await withHub(options) { hub in
                let writer = try hub.join("user=anna roles=operator")
                for _ in 1...5 { try writer.post("ticket:1", String(repeating: "x", count: 50_000)) }
                let reader = try hub.connect(receiveBuffer: 4096)
                try reader.hello("user=slow")
                let pages = (0..<40).map { _ in reader.line("history", ["room": "ticket:1"]) }
                try reader.send(pages.map(\.text))
                // Some are held, and no home is asked: the queue is full.
                try hub.wait {
                    $0.clients.values.contains { $0.connection.queuedBytes > 8000 && $0.pendingReplies == 0 }
                }
                let drain = Background { await hub.hub.drain(deadline: .seconds(30)) }
                #expect(try writer.closeCode() == 1012)
                for page in pages { #expect(try reader.reply(to: page.id)["ok"]["events"].list?.count == 5) }
                #expect(try reader.closeCode() == 1012)
                try drain.finish()
            }
        }
    }

    @Suite struct MetricsTests {
        @Test func everyShardCounts() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let peers = try (0..<3).map { try hub.join("user=u\($0)", on: $0 % 2, rooms: [room: [:]]) }
                try peers[0].post(room, "1", key: "k")
                try peers[0].post(room, "1", key: "k")
                for peer in peers { #expect(try peer.offsets(1, in: room) == [1]) }
                #expect(try peers[0].refusal("sub")["code"] == "bad_request")
                let box = Box<[ShardMetrics]>()
                try Background { box.put(await hub.hub.metrics()) }.finish()
                let metrics = box.value!
                #expect(metrics.map(\.loop) == [0, 1])
                #expect(metrics.map(\.clients) == [2, 1])
                #expect(metrics.map(\.subscriptions) == [2, 1])
                #expect(metrics.map(\.rooms) == [0, 1])
                #expect(metrics.map(\.accepted) == [0, 1])
                #expect(metrics.map(\.duplicates) == [0, 1])
                #expect(metrics.map(\.deliveries) == [2, 1])
                #expect(metrics.map(\.hellos) == [2, 1])
                #expect(metrics.map(\.refusals) == [1, 0])
                #expect(metrics.map(\.commands) == [5, 1])
                #expect(metrics.allSatisfy { $0.statistics.turns > 0 })
            }
        }
    }
}
