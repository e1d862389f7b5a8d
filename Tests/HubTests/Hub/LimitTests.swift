import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct LimitTests {
        @Test func tenMalformedCommandsAreToleratedAndTheNextCloses() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                for number in 1...10 {
                    try peer.send("{\"id\":\(number + 1),\"cmd\":\"sub\"}")
                    let error = try peer.reply(to: Int64(number + 1))["error"]
                    #expect(error["code"] == "bad_request")
                    #expect(error["field"] == "room")
                }
                // Other refusals do not count.
                try peer.send(#"{"id":50,"cmd":"sub","room":"queue:x"}"#)
                #expect(try peer.reply(to: 50)["error"]["code"] == "forbidden")
                try peer.send("nonsense")
                #expect(
                    try peer.take("null") { $0["id"] == .null && $0["error"] != .null }["error"]["code"]
                        == "bad_request"
                )
                #expect(try peer.closeCode() == 4400)
            }
        }

        @Test func theCounterOfMalformedCommandsCantOverflow() async throws {
            var options = TestHubOptions()
            options.hub.malformedTolerated = 100_000
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                hub.run { shard in shard.clients.values.forEach { $0.malformed = .max - 1 } }
                try peer.send(["x", "x", "x"])
                try peer.call("ping")
            }
        }

        @Test func anIDHasToBeGreaterThanTheLast() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                try peer.send([
                    #"{"id":7,"cmd":"ping"}"#, #"{"id":7,"cmd":"ping"}"#, #"{"id":6,"cmd":"ping"}"#,
                    #"{"id":8,"cmd":"ping"}"#,
                ])
                #expect(try peer.reply(to: 7)["ok"] != .null)
                #expect(try peer.reply(to: 7)["error"]["field"] == "id")
                #expect(try peer.reply(to: 6)["error"]["code"] == "bad_request")
                #expect(try peer.reply(to: 8)["ok"] != .null)
            }
        }

        @Test func aFrameHoldsSixtyFourCommands() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                let pings = (0..<66).map { _ in peer.line("ping") }
                try peer.send(pings.map(\.text))
                for ping in pings.prefix(64) { #expect(try peer.reply(to: ping.id)["ok"] != .null) }
                for ping in pings.suffix(2) { #expect(try peer.reply(to: ping.id)["error"]["code"] == "bad_request") }
            }
        }

        @Test func sendsAreLimitedByRateAndTheStubbornAreClosed() async throws {
            var options = TestHubOptions()
            options.hub.rates[.connection, .sends] = Rate(perSecond: 1, burst: 3)
            options.hub.rateRefusalsTolerated = 3
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                try peer.post("ticket:1", "0")
                let sends = (1...6).map { peer.line("send", Peer.message("ticket:1", "\($0)", ack: "accepted")) }
                try peer.send(sends.map(\.text))
                for send in sends.prefix(2) { #expect(try peer.reply(to: send.id)["ok"] != .null) }
                for send in sends.suffix(4) {
                    let error = try peer.reply(to: send.id)["error"]
                    #expect(error["code"] == "rate_limited")
                    #expect((1...1000).contains(error["retry_after"].number!))
                }
                #expect(try peer.closeCode() == 4429)
                #expect(peer.closeFrame?.reason.hasPrefix("retry_after=") == true)
            }
        }

        @Test func staffAndProgramsAreNotLimited() async throws {
            var options = TestHubOptions()
            options.hub.rates[.connection, .sends] = Rate(perSecond: 1, burst: 1)
            try await withHub(options) { hub in
                for role in ["helper", "operator", "moderator", "admin", "worker", "developer", "user,operator"] {
                    let peer = try hub.join("user=\(role) roles=\(role)")
                    for number in 1...3 { try peer.post("ticket:1", "\(number)") }
                }
            }
        }

        @Test func zeroSwitchesTheLimitOff() async throws {
            var options = TestHubOptions()
            options.hub.rates[.connection, .sends] = .unlimited
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                for number in 1...5 { try peer.post("ticket:1", "\(number)") }
            }
        }

        @Test func framesThatAreNotServedClose() async throws {
            var options = TestHubOptions()
            options.hub.frameBytes = 1000
            try await withHub(options) { hub in
                let binary = try hub.join("user=anna")
                try binary.socket.send(Peer.frame(0x2, [1, 2, 3]))
                #expect(try binary.closeCode() == 1003)

                let unmasked = try hub.join("user=anna")
                try unmasked.socket.send([0x81, 0x02, 0x7B, 0x7D])
                #expect(try unmasked.closeCode() == 1002)

                let long = try hub.join("user=anna")
                try long.socket.send(Peer.frame(0x1, [UInt8](repeating: 0x20, count: 1001)))
                #expect(try long.closeCode() == 1009)

                let broken = try hub.join("user=anna")
                try broken.socket.send(Peer.frame(0x1, [0xFF]))
                #expect(try broken.closeCode() == 1007)

                try hub.wait { $0.metrics.violations == 3 && $0.clients.isEmpty }
                #expect(hub.run { $0.metrics.closes } == [1002: 1, 1003: 1, 1007: 1, 1009: 1])
            }
        }

        @Test func aClientsCloseIsAnsweredWithItsCode() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                try peer.socket.send(Peer.frame(0x8, [0x03, 0xE9]))
                #expect(try peer.closeCode() == 1001)
                let half = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                half.socket.finish()
                #expect(try half.closeCode() == nil)
                try hub.wait { $0.clients.isEmpty && $0.audiences.isEmpty }
            }
        }

        @Test func pingsOfClientsAreAnswered() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                try peer.socket.send(Peer.frame(0x9, [1, 2, 3]))
                try peer.socket.send(Peer.frame(0xA, []))
                try peer.call("ping")
                #expect(peer.pongs == [[1, 2, 3]])
            }
        }
    }

    @Suite struct HeartbeatTests {
        @Test func whoIsSilentForTwoIntervalsIsClosed() async throws {
            var options = TestHubOptions()
            options.hub.pingInterval = .milliseconds(20)
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna")
                #expect(peer.welcome["ping"] == 20)
                #expect(try peer.closeCode() == 4408)
                #expect(peer.pings >= 1)
            }
        }

        @Test func anyByteCountsAsAPong() async throws {
            var options = TestHubOptions()
            options.hub.pingInterval = .milliseconds(500)
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator")
                while peer.pings < 4 { try peer.call("ping") }
                #expect(!peer.hasEnded)
            }
        }
    }
}
