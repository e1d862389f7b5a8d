import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct SessionTests {
        @Test(arguments: [0, 1]) func aNewerConnectionTakesTheSessionsPlace(_ loop: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": ["presence": true]])
                let old = try hub.join("user=boris", rooms: ["ticket:1": [:]])
                _ = try watcher.push(kind: "presence", in: "ticket:1")
                let new = try hub.connect(on: loop)
                let session = old.welcome["session"].text!
                try new.hello("user=boris", session: session, rooms: ["ticket:1": [:]])
                #expect(new.welcome["session"].text == session)
                #expect(try old.closeCode() == 4409)
                // No leave, no join.
                #expect(try watcher.quiet("ticket:1") == [])
                try watcher.post("ticket:1", "1")
                #expect(try new.offsets(1, in: "ticket:1") == [1])
            }
        }

        @Test func anotherPersonsSessionStaysTheirs() async throws {
            try await withHub { hub in
                let owner = try hub.join("user=boris")
                let thief = try hub.connect()
                try thief.hello("user=eve", session: owner.welcome["session"].text)
                #expect(thief.welcome["session"] != owner.welcome["session"])
                try owner.call("ping")
            }
        }

        @Test func anEndedOrUnknownSessionGivesAFreshOne() async throws {
            try await withHub { hub in
                let old = try hub.join("user=boris")
                let session = old.welcome["session"].text!
                old.socket.cut()
                try hub.wait { $0.clients.isEmpty }
                for asked in [session, "not one of ours"] {
                    let peer = try hub.connect()
                    try peer.hello("user=boris", session: asked)
                    #expect(peer.welcome["session"].text != asked)
                    #expect(peer.welcome["session"].text?.utf8.count == 32)
                }
            }
        }
    }

    @Suite struct AuthTests {
        @Test func aTokenIsRenewed() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna ttl=600000")
                let answer = try peer.call("auth", ["token": "user=anna roles=helper ttl=1200000"])
                #expect(answer["roles"] == ["helper"])
                #expect(answer["expires"].number! > peer.welcome["expires"].number!)
            }
        }

        @Test func anotherPersonsTokenIsForbidden() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                #expect(try peer.refusal("auth", ["token": "user=boris"])["code"] == "forbidden")
                #expect(try peer.refusal("auth", ["token": "user=anna tenant=t2"])["code"] == "forbidden")
                #expect(try peer.refusal("auth", ["token": "bad"])["code"] == "unauthorized")
                try peer.call("ping")
            }
        }

        @Test func oneAtATime() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                let first = try peer.say("auth", ["token": "user=anna held"])
                #expect(try peer.refusal("auth", ["token": "user=anna"])["code"] == "busy")
                hub.authenticator.open()
                #expect(try peer.reply(to: first)["ok"] != .null)
                try peer.call("auth", ["token": "user=anna"])
            }
        }

        @Test func aLostRightPutsOneOutOfTheRoom() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.presenceLeaveDelay = .milliseconds(1)
            try await withHub(options) { hub in
                let lost = hub.room(homedOn: 1)
                let kept = hub.room(homedOn: 0)
                let peer = try hub.join("user=anna", rooms: [lost: [:], kept: [:]])
                let other = try hub.join("user=boris", rooms: [lost: ["presence": true]])
                try peer.call("auth", ["token": "user=anna rooms=\(kept)"])
                let gone = try peer.push(with: "gone")
                #expect(gone["room"].text == lost)
                #expect(gone["gone"]["code"] == "forbidden")
                #expect(try other.push(kind: "presence", in: lost)["leave"] == ["anna"])
                try other.post(lost, "1")
                try other.post(kept, "1")
                #expect(try peer.offsets(1, in: kept) == [1])
                #expect(try peer.refusal("sub", ["room": .text(lost)])["code"] == "forbidden")
                #expect(peer.inbox.filter { $0["room"].text == lost } == [])
            }
        }

        @Test func aRightLostWhileTheHomeIsAskedRefusesTheSub() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                let auth = try peer.say("auth", ["token": "user=anna rooms=form:* held"])
                hub.store.holdReads()
                let sub = try peer.say("sub", ["room": "ticket:1"])
                try hub.store.waitForReads()
                hub.authenticator.open()
                #expect(try peer.reply(to: auth)["ok"] != .null)
                #expect(try peer.push(with: "gone")["room"] == "ticket:1")
                hub.store.releaseReads()
                #expect(try peer.reply(to: sub)["error"]["code"] == "forbidden")
                try hub.wait { $0.rooms.values.allSatisfy(\.members.isEmpty) && $0.audiences.isEmpty }
            }
        }

        @Test func anEndingTokenIsAnnouncedAndThenCloses() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna ttl=200")
                let notice = try peer.push(with: "expiring")["expiring"]["in"].number!
                #expect((1...200).contains(notice))
                #expect(try peer.closeCode() == 4401)
            }
        }

        @Test func renewingInTimeEndsTheCountdown() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna ttl=20000")
                _ = try peer.push(with: "expiring")
                #expect(hub.run { shard in shard.clients.values.map { $0.deadline != nil } } == [true])
                try peer.call("auth", ["token": "user=anna"])
                #expect(hub.run { shard in shard.clients.values.map { $0.deadline != nil } } == [false])
            }
        }

        @Test func aFarEndIsFoundByALaterHeartbeat() async throws {
            var options = TestHubOptions()
            options.hub.pingInterval = .milliseconds(300)
            options.hub.expiryNotice = .milliseconds(200)
            try await withHub(options) { hub in
                let peer = try hub.join("user=anna roles=operator ttl=1500")
                #expect(hub.run { shard in shard.clients.values.map { $0.deadline != nil } } == [false])
                while peer.inbox.allSatisfy({ $0["expiring"] == .null }) { try peer.call("ping") }
                #expect(try peer.closeCode() == 4401)
            }
        }
    }
}
