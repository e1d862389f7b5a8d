import HubProtocol
import Testing

@testable import HubCore

/// What waits for the disk or for an answer is bounded in bytes and commands.
extension HubOverParts {
    @Suite struct WaitingTests {
        private static var narrow: TestHubOptions {
            var options = TestHubOptions()
            options.hub.roomWaitingBytes = 10_000
            options.hub.waitingBytes = 15_000
            return options
        }

        private static func posts(_ peer: Peer, _ room: String, _ count: Int, key: Bool = false) throws -> [Int64] {
            try (0..<count).map { number in
                let text = String(repeating: "x", count: 1000)
                let fields = Peer.message(room, text, key: key ? "k\(number)" : nil, ack: "accepted")
                return try peer.say("send", fields)
            }
        }

        @Test func whatWaitsForARoomIsBoundedInBytes() async throws {
            try await withHub(Self.narrow) { hub in
                let peer = try hub.join("user=op roles=operator")
                hub.store.holdReads()
                let first = try Self.posts(peer, "ticket:1", 20)
                // About 1270 bytes each: seven fit; and of the 15 000 of the loop four more elsewhere.
                for id in first.dropFirst(7) {
                    let error = try peer.reply(to: id)["error"]
                    #expect(error["code"] == "busy")
                    #expect(error["retry_after"].number! > 0)
                }
                let second = try Self.posts(peer, "ticket:2", 20)
                for id in second.dropFirst(4) { #expect(try peer.reply(to: id)["error"]["code"] == "busy") }
                #expect(hub.run { $0.waitingBytes } <= 15_000)
                hub.store.releaseReads()
                for id in first.prefix(7) + second.prefix(4) { #expect(try peer.reply(to: id)["ok"] != .null) }
                #expect(hub.run { $0.waitingBytes } == 0)
                #expect(hub.run { $0.metrics.waitRefusals } == 13 + 16)
                #expect(try Self.posts(peer, "ticket:1", 20).allSatisfy { try peer.reply(to: $0)["ok"] != .null })
            }
        }

        @Test func whatWaitsForKeysIsBoundedTheSameWay() async throws {
            var options = Self.narrow
            options.hub.ringEvents = 1
            // Without a filter every key that memory does not know is asked of the disk.
            options.hub.keyFilterBytes = 0
            try await withHub(options) { hub in
                let peer = try hub.join("user=op roles=operator")
                for number in 1...5 { try peer.post("ticket:1", "\(number)", key: "old\(number)", ack: "durable") }
                hub.store.holdReads()
                let sends = try Self.posts(peer, "ticket:1", 20, key: true)
                for id in sends.dropFirst(7) { #expect(try peer.reply(to: id)["error"]["code"] == "busy") }
                hub.store.releaseReads()
                for id in sends.prefix(7) { #expect(try peer.reply(to: id)["ok"] != .null) }
                #expect(hub.run { $0.waitingBytes } == 0)
            }
        }

        @Test func aRoomThatCannotBeReadGivesTheBytesBack() async throws {
            try await withHub(Self.narrow) { hub in
                let peer = try hub.join("user=op roles=operator")
                hub.store.failReads(true)
                for id in try Self.posts(peer, "ticket:1", 5) {
                    #expect(try peer.reply(to: id)["error"]["code"] == "unavailable")
                }
                #expect(hub.run { $0.waitingBytes } == 0)
            }
        }

        @Test func tooManyUnansweredCommandsAreNotReadOn() async throws {
            var options = TestHubOptions()
            options.hub.unansweredCommands = 3
            try await withHub(options) { hub in
                let peer = try hub.join("user=op roles=operator")
                hub.store.holdWrites()
                let sends = try (1...20).map {
                    try peer.say("send", Peer.message("ticket:1", "\($0)", ack: "durable"))
                }
                try hub.store.waitForWrites(3)
                try hub.wait { $0.clients.values.allSatisfy { $0.pendingReplies == 3 } }
                #expect(hub.run { $0.metrics.accepted } == 3)
                hub.store.releaseWrites()
                for id in sends { #expect(try peer.reply(to: id)["ok"] != .null) }
                try peer.call("ping")
            }
        }

        @Test func aRoomThatNobodyEverWroteToLeavesMemorySoon() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=op roles=operator")
                for number in 1...50 { try peer.call("history", ["room": "ticket:\(number)"]) }
                try peer.post("ticket:written", "1", ack: "durable")
                try hub.wait { $0.rooms.count == 1 }
            }
        }
    }
}
