import HubProtocol
import Testing

@testable import HubCore

/// Rates that hold over connections, loops and HTTP.
extension HubOverParts {
    @Suite struct RateTests {
        private func options(_ change: (inout RateLimits) -> Void) -> TestHubOptions {
            var options = TestHubOptions(loops: 2)
            options.hub.rates = .off
            change(&options.hub.rates)
            return options
        }

        private func outcomes(_ peer: Peer, _ command: String, _ count: Int, _ fields: [String: JSON]) throws -> Int {
            let ids = try (0..<count).map { _ in try peer.say(command, fields) }
            return try ids.filter { try peer.reply(to: $0)["ok"] != .null }.count
        }

        private static let commands: [(RateBudget, String, [String: JSON])] = [
            (.commands, "ping", [:]), (.sends, "send", Peer.message("ticket:1", "x", ack: "accepted")),
            (.signals, "signal", ["room": "ticket:1", "kind": "typing"]), (.reads, "history", ["room": "ticket:1"]),
            (.reads, "sub", ["room": "ticket:1"]), (.reads, "presence", ["room": "ticket:1"]),
            (.reads, "read", ["room": "ticket:1", "upto": 0]),
        ]

        @Test(arguments: commands.indices) func everyBudgetIsLimited(_ index: Int) async throws {
            let (budget, command, fields) = Self.commands[index]
            let slow = Rate(perSecond: 1, burst: 5)
            try await withHub(options { $0[.connection, budget] = slow }) { hub in
                // `hello` is a command before there is anybody to be counted.
                let peer = try hub.join("user=anna")
                #expect(try outcomes(peer, command, 8, fields) == 5)
                let staff = try hub.join("user=op roles=operator")
                #expect(try outcomes(staff, command, 8, fields) == 8)
                #expect(hub.run { $0.metrics.rateRefusals[.connection, budget] } == 3)
                #expect(hub.run { $0.metrics.rateRefusals.total } == 3)
            }
        }

        @Test func aPersonIsOneOverAllLoopsAndHTTP() async throws {
            try await withHub(options { $0[.user, .sends] = Rate(perSecond: 1, burst: 6) }) { hub in
                let message = Peer.message("ticket:1", "x", ack: "accepted")
                let kept = try (0..<2).map { try outcomes(hub.join("user=anna", on: $0), "send", 2, message) }
                #expect(kept == [2, 2])
                let anna = Events.person("anna", rooms: ["ticket:*"])
                for _ in 1...2 { _ = try CallTests.publish(hub, "ticket:1", by: anna).get() }
                #expect(throws: ErrorReply.self) { try CallTests.publish(hub, "ticket:1", by: anna).get() }
                for loop in 0..<2 {
                    #expect(try outcomes(hub.join("user=anna", on: loop), "send", 2, message) == 0)
                    #expect(try outcomes(hub.join("user=boris", on: loop), "send", 2, message) == 2)
                }
            }
        }

        @Test func aTenantIsOne() async throws {
            try await withHub(options { $0[.tenant, .signals] = Rate(perSecond: 1, burst: 3) }) { hub in
                let fields: [String: JSON] = ["room": "ticket:1", "kind": "typing"]
                let kept = try (0..<4).map { try outcomes(hub.join("user=u\($0)", on: $0 % 2), "signal", 1, fields) }
                #expect(kept == [1, 1, 1, 0])
                #expect(try outcomes(hub.join("user=u1 tenant=t2"), "signal", 1, fields) == 1)
            }
        }

        @Test func anAddressIsOne() async throws {
            try await withHub(options { $0[.address, .commands] = Rate(perSecond: 1, burst: 4) }) { hub in
                hub.run { $0.addressOf = { _ in "192.0.2.1" } }
                // Each `hello` takes one, before anybody is known.
                let peers = try (0..<3).map { try hub.join("user=u\($0)") }
                #expect(try peers.map { try outcomes($0, "ping", 1, [:]) } == [1, 0, 0])
                #expect(try outcomes(hub.join("user=u4", on: 1), "ping", 9, [:]) == 9, "this loop's peers are exempt")
            }
        }

        @Test func roomsOfAHelloAreReads() async throws {
            try await withHub(options { $0[.connection, .reads] = Rate(perSecond: 1, burst: 2) }) { hub in
                let rooms = Dictionary(uniqueKeysWithValues: (1...4).map { ("ticket:\($0)", JSON.object([:])) })
                let peer = try hub.join("user=anna", rooms: rooms)
                let answers = peer.welcome["rooms"].members!.values
                #expect(answers.filter { $0["ok"] != .null }.count == 2)
                #expect(answers.filter { $0["error"]["code"] == "rate_limited" }.count == 2)
            }
        }

        @Test func whoSaysNoHelloIsLimitedToo() async throws {
            var options = options { $0[.connection, .commands] = Rate(perSecond: 1, burst: 3) }
            options.hub.rateRefusalsTolerated = 5
            try await withHub(options) { hub in
                let peer = try hub.connect()
                let ids = try (0..<9).map { _ in try peer.say("ping") }
                let codes = try ids.map { try peer.reply(to: $0)["error"]["code"].text }
                let expected = Array(repeating: "unauthorized", count: 3) + Array(repeating: "rate_limited", count: 6)
                #expect(codes == expected)
                #expect(try peer.closeCode() == 4429)
            }
        }

        @Test func malformedCommandsAndPingFramesAreCommands() async throws {
            var options = options { $0[.connection, .commands] = Rate(perSecond: 1, burst: 4) }
            options.hub.rateRefusalsTolerated = 50
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                for number in UInt8(0)..<10 { try peer.socket.send(Peer.frame(0x9, [number])) }
                try peer.send("nonsense")
                let reply = try peer.take("null") { $0["id"] == .null && $0["error"] != .null }
                #expect(reply["error"]["code"] == "rate_limited")
                #expect(peer.pongs == [[0], [1], [2], [3]])
                for _ in 0..<60 { try? peer.socket.send(Peer.frame(0x9, [])) }
                #expect(try peer.closeCode() == 4429)
            }
        }

        @Test func whoIsQuietHoldsNoBuckets() async throws {
            var options = options { $0[.connection, .commands] = Rate(perSecond: 1000, burst: 5) }
            options.hub.pingInterval = .milliseconds(50)
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                try peer.call("ping")
                // The heartbeat gives them up; the peer is silent, and gone some intervals later.
                try hub.wait { $0.clients.values.allSatisfy { $0.rates == nil } }
                _ = try peer.closeCode()
                try hub.wait { $0.hub.accounts.count == 0 }
            }
        }
    }
}
