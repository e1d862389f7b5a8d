import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct RevokingTests {
        static let admin = Events.person("root", roles: .admin)

        static func revoke(
            _ hub: TestHub,
            _ wish: Shard.RevocationWish,
            on loop: Int = 0,
            by person: Principal = admin
        ) -> Result<Revocation, ErrorReply> {
            hub.ask(on: loop) { (shard: Shard, done: @escaping @Sendable (Result<Revocation, ErrorReply>) -> Void) in
                shard.revoke(person, wish, reply: done)
            }
        }

        @Test(arguments: [0, 1]) func aPersonsSocketsAreClosedOnAllLoops(_ loop: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let peers = try (0..<4).map { try hub.join("user=anna", on: $0 % 2) }
                let others = try ["user=boris", "user=anna tenant=t2"].map { try hub.join($0, on: 1) }
                _ = try Self.revoke(hub, .user("anna"), on: loop).get()
                for peer in peers { #expect(try peer.closeCode() == 4403) }
                for other in others { try other.call("ping") }
                let again = try hub.connect()
                #expect(try again.refusal("hello", ["token": "user=anna"])["code"] == "unauthorized")
                #expect(try again.closeCode() == 4401)
                let fresh = WallClock.milliseconds + 2000
                _ = try hub.join("user=anna iat=\(fresh)")
                _ = try hub.join("user=anna tenant=t2")
            }
        }

        @Test func aTokenIsRevokedByItsID() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let peers = try ["j1", "j2"].map { try hub.join("user=anna jti=\($0)", on: 1) }
                _ = try Self.revoke(hub, .tokenID("j1")).get()
                #expect(try peers[0].closeCode() == 4403)
                #expect(try peers[1].refusal("auth", ["token": "user=anna jti=j1"])["code"] == "unauthorized")
                try peers[1].call("ping")
                let verified = hub.ask {
                    (shard: Shard, done: @escaping @Sendable (Result<Principal, AuthenticationFailure>) -> Void) in
                    shard.authenticate("user=anna jti=j1", reply: done)
                }
                #expect(throws: AuthenticationFailure.self) { try verified.get() }
            }
        }

        @Test func aSessionEndsWithItsTokensAndNobodyTakesItsPlace() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let peer = try hub.join("user=anna jti=j1", on: 1)
                let other = try hub.join("user=anna jti=j3")
                try peer.call("auth", ["token": "user=anna jti=j2"])
                let session = peer.welcome["session"].text!
                _ = try Self.revoke(hub, .session(session)).get()
                #expect(try peer.closeCode() == 4403)
                try other.call("ping")
                for id in ["j1", "j2"] {
                    let refusal = try hub.connect().refusal("hello", ["token": .text("user=anna jti=\(id)")])
                    #expect(refusal["code"] == "unauthorized")
                }
                let resumed: [String: JSON] = ["token": "user=anna jti=j4", "session": .text(session)]
                let error = try hub.connect().refusal("hello", resumed)
                #expect(error["code"] == "unauthorized")
                #expect(error["field"] == "session")
                _ = try hub.join("user=anna jti=j4")
            }
        }

        @Test func theReplyWaitsForTheDiskAndTheClosingDoesNot() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                hub.store.holdWrites()
                let answered = Box<Bool>()
                hub.run { $0.revoke(Self.admin, .user("anna")) { _ in answered.put(true) } }
                #expect(try peer.closeCode() == 4403)
                try hub.store.waitForWrites(1)
                #expect(answered.value == nil)
                hub.store.releaseWrites()
                try hub.wait { _ in answered.value == true }
            }
        }

        @Test func itHoldsAfterARestart() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(), folder: folder)
                _ = try Self.revoke(hub, .user("anna")).get()
                let again = try hub.restarted()
                defer { again.stop() }
                #expect(try again.connect().refusal("hello", ["token": "user=anna"])["code"] == "unauthorized")
                _ = try again.join("user=boris")
            }
        }

        @Test func onlyAdminsRevokeAndOnlySoMuch() async throws {
            var options = TestHubOptions()
            options.hub.revocations = 2
            try await withHub(options) { hub in
                for roles in [Roles.user, .helper, .operator, .moderator, .viewer, .worker, .developer] {
                    let result = Self.revoke(hub, .user("anna"), by: Events.person("eve", roles: roles))
                    #expect(throws: ErrorReply(.forbidden, "only an admin may revoke")) { try result.get() }
                }
                _ = try Self.revoke(hub, .user("a")).get()
                _ = try Self.revoke(hub, .tokenID("b")).get()
                guard case .failure(let error) = Self.revoke(hub, .user("c")) else {
                    Issue.record("a third one was taken")
                    return
                }
                #expect(error.code == .tooLarge)
                hub.store.say(.unavailable)
                #expect(throws: ErrorReply.storeUnavailable) { try Self.revoke(hub, .user("a")).get() }
            }
        }

        @Test func whoseTokenIsBeingVerifiedMeanwhileDoesNotComeIn() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                let hello = try peer.say("hello", ["token": "user=anna held"])
                try hub.wait { $0.clients.values.contains { $0.phase == .authenticating } }
                _ = try Self.revoke(hub, .user("anna")).get()
                hub.authenticator.open()
                #expect(try peer.reply(to: hello)["error"]["code"] == "unauthorized")
            }
        }
    }

    @Suite struct FiguresTests {
        @Test func theFiguresOfLoopsThatHaveEndedAreNone() async throws {
            try await withFolder { folder in
                let hub = try TestHub(TestHubOptions(loops: 2), folder: folder)
                let figures = {
                    let box = Box<Int>()
                    let asked: Background = Background { () async -> Void in box.put(await hub.hub.metrics().count) }
                    try asked.finish()
                    return box.value
                }
                #expect(try figures() == 2)
                hub.stop()
                #expect(try figures() == 0)
            }
        }

        @Test func whoCatchesUpIsDeliveredNothingYet() async throws {
            var options = TestHubOptions()
            options.hub.answerBytes = 4 << 10
            options.hub.ringEvents = 10
            try await withHub(options) { hub in
                let writer = try hub.join("user=boris roles=operator")
                for _ in 1...100 { try writer.post("ticket:1", String(repeating: "x", count: 1000), ack: "durable") }
                let peer = try hub.join("user=anna rooms=ticket:*")
                hub.store.holdReads()
                let sub = try peer.say("sub", ["room": "ticket:1", "since": 0])
                try hub.store.waitForReads()
                hub.store.releaseReads(holdingNext: true)
                _ = try peer.reply(to: sub)
                try hub.store.waitForReads()
                let before = hub.run { $0.metrics.deliveries }
                try writer.post("ticket:1", "live")
                #expect(hub.run { $0.metrics.deliveries } == before)
                hub.store.releaseReads()
                while try peer.event(in: "ticket:1")["offset"] != 101 {}
                try writer.post("ticket:1", "live")
                try hub.wait { $0.metrics.deliveries == before + 1 }
            }
        }
    }
}
