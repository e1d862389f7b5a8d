import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct HelloTests {
        @Test(arguments: Backends.offered) func theAnswerSaysWhoAndWhatTheLimitsAre(_ backend: BackendKind) async throws
        {
            try await withHub(TestHubOptions(backend: backend)) { hub in
                let peer = try hub.join(
                    "user=anna name=Anna roles=user,helper",
                    rooms: ["ticket:1": ["presence": true]]
                )
                let welcome = peer.welcome
                #expect(welcome["user"] == "anna")
                #expect(welcome["roles"] == ["user", "helper"])
                #expect(welcome["session"].text?.utf8.count == 32)
                #expect(welcome["ping"] == 25_000)
                #expect(abs(welcome["now"].number! - WallClock.milliseconds) < 60_000)
                #expect(welcome["expires"].number! > welcome["now"].number!)
                #expect(
                    welcome["limits"]
                        == [
                            "frame": 262_144, "data": 65_536, "rooms": 200, "key": 64, "history": 500,
                            "stream": 1_048_576,
                        ]
                )
                let room = welcome["rooms"]["ticket:1"]["ok"]
                #expect(room["head"] == 0)
                #expect(room["recovered"] == false)
                #expect(room["events"] == [])
                #expect(room["more"] == false)
                #expect(room["presence"][0]["name"] == "Anna")
                #expect(room["epoch"].text == hub.store.epochs.currentName)
            }
        }

        @Test func eachRoomIsAnsweredByItself() async throws {
            try await withHub { hub in
                let first = hub.room(homedOn: 0)
                let peer = try hub.join(
                    "user=anna",
                    rooms: [first: [:], "queue:support": [:], "nonsense": [:], "ticket:x": ["limit": -1]]
                )
                let rooms = peer.welcome["rooms"]
                #expect(rooms[first]["ok"]["head"] == 0)
                #expect(rooms["queue:support"]["error"]["code"] == "forbidden")
                #expect(rooms["nonsense"]["error"]["code"] == "bad_request")
                #expect(rooms["ticket:x"]["error"]["field"] == "limit")
            }
        }

        @Test func aBadCredentialIsRefusedAndClosedWith4401() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                let error = try peer.refusal("hello", ["token": "bad"])
                #expect(error["code"] == "unauthorized")
                #expect(error["field"] == "token")
                #expect(try peer.closeCode() == 4401)
            }
        }

        @Test func withoutABotThereIsNoTelegram() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                #expect(try peer.refusal("hello", ["telegram": "query_id=1"])["code"] == "unauthorized")
                #expect(try peer.closeCode() == 4401)
            }
        }

        @Test func commandsBeforeHelloAreUnauthorized() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                #expect(try peer.refusal("ping")["code"] == "unauthorized")
                #expect(try peer.refusal("sub", ["room": "ticket:1"])["code"] == "unauthorized")
                try peer.hello("user=anna")
                try peer.call("ping")
            }
        }

        @Test func whoNeverSaysHelloIsClosedWith4401() async throws {
            var options = TestHubOptions()
            options.hub.helloDeadline = .milliseconds(20)
            try await withHub(options) { hub in
                let peer = try hub.connect()
                #expect(try peer.closeCode() == 4401)
            }
        }

        @Test func aSecondHelloIsABadRequest() async throws {
            try await withHub { hub in
                let peer = try hub.join("user=anna")
                #expect(try peer.refusal("hello", ["token": "user=anna"])["code"] == "bad_request")
                try peer.call("ping")
            }
        }

        @Test func commandsBehindHelloWaitForItsAnswer() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                let hello = peer.line("hello", ["token": "user=anna held"])
                let sub = peer.line("sub", ["room": "ticket:1"])
                let send = peer.line("send", Peer.message("ticket:1", "one"))
                try peer.send([hello.text, sub.text])
                try peer.send(send.text)
                hub.authenticator.open()
                #expect(try peer.reply(to: hello.id)["ok"]["user"] == "anna")
                #expect(try peer.reply(to: sub.id)["ok"]["head"] == 0)
                #expect(try peer.reply(to: send.id)["ok"]["offset"] == 1)
                let ids = peer.transcript.compactMap(\.["id"].number)
                #expect(ids == [hello.id, sub.id, send.id])
            }
        }

        @Test func sixtyFourCommandsAFrameHoldBehindHelloToo() async throws {
            try await withHub { hub in
                let peer = try hub.connect()
                let hello = peer.line("hello", ["token": "user=anna held"])
                let first = (0..<40).map { _ in peer.line("ping") }
                let second = (0..<65).map { _ in peer.line("ping") }
                // In one piece: what comes later waits in the socket.
                let frames = [[hello], first, second].map { $0.map(\.text).joined(separator: "\n") }
                try peer.socket.send(frames.flatMap { Peer.frame(0x1, [UInt8]($0.utf8)) })
                hub.authenticator.open()
                for ping in first + second.dropLast() { #expect(try peer.reply(to: ping.id)["ok"] != .null) }
                #expect(try peer.reply(to: second[64].id)["error"]["code"] == "bad_request")
            }
        }

        @Test func tooMuchBehindHelloIsPolicy() async throws {
            var options = TestHubOptions()
            options.hub.frameBytes = 2000
            try await withHub(options) { hub in
                let peer = try hub.connect()
                var frames = Peer.frame(0x1, [UInt8](peer.line("hello", ["token": "user=anna held"]).text.utf8))
                for _ in 0..<12 {
                    let line = peer.line("send", Peer.message("ticket:1", String(repeating: "x", count: 400))).text
                    frames += Peer.frame(0x1, [UInt8](line.utf8))
                }
                // In one piece: what comes later waits in the socket.
                try peer.socket.send(frames)
                #expect(try peer.closeCode() == 1008)
            }
        }

        @Test func bytesBehindTheHandshakeCount() async throws {
            try await withHub { hub in
                let line = #"{"id":1,"cmd":"hello","token":"user=anna"}"#
                let peer = try hub.connect(behindHead: Peer.frame(0x1, [UInt8](line.utf8)))
                #expect(try peer.reply(to: 1)["ok"]["user"] == "anna")
            }
        }
    }
}
