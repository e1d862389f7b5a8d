import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    /// Twelve events, of which memory holds the last four.
    @Suite struct HistoryTests {
        static func withTwelve(_ body: @Sendable (TestHub, Peer) throws -> Void) async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 4
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...12 { try peer.post("ticket:1", "\(number)", ack: "durable") }
                #expect(hub.run { shard in shard.rooms.values.map(\.ring.first) } == [9])
                try body(hub, peer)
            }
        }

        struct Page: Sendable {
            var fields: [String: JSON]
            var offsets: [JSON]
            var more: Bool
        }

        static let pages = [
            // From memory.
            Page(fields: ["limit": 3], offsets: [10, 11, 12], more: true),
            Page(fields: ["before": 12, "limit": 2], offsets: [10, 11], more: true),
            Page(fields: ["after": 10], offsets: [11, 12], more: false),
            Page(fields: ["after": 8, "limit": 2], offsets: [9, 10], more: true),
            Page(fields: ["after": 12], offsets: [], more: false),
            Page(fields: ["after": 99], offsets: [], more: false),
            Page(fields: ["before": 99, "limit": 1], offsets: [12], more: true),
            // From disk.
            Page(fields: ["before": 5, "limit": 2], offsets: [3, 4], more: true),
            Page(fields: ["before": 4], offsets: [1, 2, 3], more: false),
            Page(fields: ["after": 0, "limit": 3], offsets: [1, 2, 3], more: true),
            Page(fields: ["before": 1], offsets: [], more: false),
            Page(fields: ["before": 0], offsets: [], more: false),
            Page(fields: ["before": 9, "limit": 2], offsets: [7, 8], more: true),
            // From both.
            Page(fields: ["limit": 6], offsets: [7, 8, 9, 10, 11, 12], more: true),
            Page(fields: [:], offsets: (1...12).map { .number($0) }, more: false),
            Page(fields: ["before": 11, "limit": 4], offsets: [7, 8, 9, 10], more: true),
            Page(fields: ["after": 6], offsets: [7, 8, 9, 10, 11, 12], more: false),
            Page(fields: ["after": 6, "limit": 4], offsets: [7, 8, 9, 10], more: true),
            // Nothing wanted.
            Page(fields: ["limit": 0], offsets: [], more: true),
            Page(fields: ["after": 3, "limit": 0], offsets: [], more: true),
            Page(fields: ["after": 12, "limit": 0], offsets: [], more: false),
            Page(fields: ["before": 1, "limit": 0], offsets: [], more: false),
        ]

        @Test func pagesComeFromMemoryDiskAndBoth() async throws {
            try await Self.withTwelve { hub, peer in
                for page in Self.pages {
                    let answer = try peer.call("history", page.fields.merging(["room": "ticket:1"]) { $1 })
                    #expect(answer["events"].list!.map(\.["offset"]) == page.offsets, "\(page.fields)")
                    #expect(answer["more"] == .bool(page.more), "\(page.fields)")
                    #expect(answer["epoch"].text == hub.store.epochs.currentName)
                }
            }
        }

        @Test func anEmptyRoomHasNoPast() async throws {
            try await withHub { hub in
                let answer = try hub.join("user=anna").call("history", ["room": "ticket:1"])
                #expect(answer["events"] == [])
                #expect(answer["more"] == false)
            }
        }

        @Test func bytesBoundAPageOfBoth() async throws {
            var options = TestHubOptions()
            options.hub.ringEvents = 2
            options.hub.answerBytes = 1000
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                let text = String(repeating: "x", count: 200)
                for _ in 1...6 { try peer.post("ticket:1", text, ack: "durable") }
                // Each line has a bit more than 300 bytes: three fit.
                let newest = try peer.call("history", ["room": "ticket:1"])
                #expect(newest["events"].list!.map(\.["offset"]) == [4, 5, 6])
                #expect(newest["more"] == true)
                let oldest = try peer.call("history", ["room": "ticket:1", "after": 2])
                #expect(oldest["events"].list!.map(\.["offset"]) == [3, 4, 5])
                #expect(oldest["more"] == true)
            }
        }

        @Test func whatIsNotYetOnDiskIsInThePage() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                try peer.post("ticket:1", "1", ack: "durable")
                hub.store.holdWrites()
                try peer.post("ticket:1", "2")
                let answer = try peer.call("history", ["room": "ticket:1", "after": 0])
                #expect(answer["events"].list!.map(\.["offset"]) == [1, 2])
                hub.store.releaseWrites()
            }
        }

        @Test func aDiskThatCantBeReadIsUnavailable() async throws {
            try await Self.withTwelve { hub, peer in
                hub.store.failReads(true)
                let error = try peer.refusal("history", ["room": "ticket:1", "before": 5])
                #expect(error["code"] == "unavailable")
                let page = try peer.call("history", ["room": "ticket:1", "limit": 2])
                #expect(page["events"].list?.count == 2)
            }
        }

        @Test func aLargeAnswerHoldsBackTheNextCommand() async throws {
            try await Self.withTwelve { hub, peer in
                hub.store.holdReads()
                let page = peer.line("history", ["room": "ticket:1", "before": 5])
                let send = peer.line("send", Peer.message("ticket:1", "13"))
                let ping = peer.line("ping")
                try peer.send([page.text, send.text, ping.text])
                try hub.store.waitForReads()
                hub.store.releaseReads()
                #expect(try peer.reply(to: ping.id)["ok"] != .null)
                let ids = peer.transcript.compactMap(\.["id"].number).filter { $0 >= page.id }
                #expect(ids == [page.id, send.id, ping.id])
            }
        }
    }
}
