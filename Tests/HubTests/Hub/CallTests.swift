import HubProtocol
import Testing

@testable import HubCore

extension HubOverParts {
    /// What a request over HTTP may ask of a shard.
    @Suite struct CallTests {
        static func publish(
            _ hub: TestHub,
            _ room: String,
            by person: Principal = Events.person("op", roles: .operator),
            key: String? = nil,
            ack: Acknowledgement = .durable
        ) -> Result<SendReceipt, ErrorReply> {
            hub.ask { (shard: Shard, done: @escaping @Sendable (Result<SendReceipt, ErrorReply>) -> Void) in
                shard.publish(
                    person,
                    room: RoomName(room),
                    kind: "message",
                    data: [UInt8]("{\"text\":\"over HTTP\"}".utf8),
                    key: key,
                    ack: ack,
                    reply: done
                )
            }
        }

        static func page(
            _ hub: TestHub,
            _ room: String,
            before: Int64? = nil,
            after: Int64? = nil,
            by person: Principal = Events.person("op", roles: .operator)
        ) -> Result<HistoryPage, ErrorReply> {
            hub.ask { (shard: Shard, done: @escaping @Sendable (Result<HistoryPage, ErrorReply>) -> Void) in
                shard.history(person, room: RoomName(room), before: before, after: after, limit: 2, reply: done)
            }
        }

        @Test(arguments: [0, 1]) func anEventIsPublished(_ home: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: home)
                let reader = try hub.join("user=anna", on: 1, rooms: [room: [:]])
                let receipt = try Self.publish(hub, room, key: "k").get()
                #expect(receipt.offset == 1)
                #expect(!receipt.duplicate)
                #expect(receipt.epoch == hub.store.epochs.currentName)
                #expect(try reader.event(in: room)["data"]["text"] == "over HTTP")
                let again = try Self.publish(hub, room, key: "k", ack: .accepted).get()
                #expect(again.offset == 1)
                #expect(again.duplicate)
                #expect(again.at == receipt.at)
            }
        }

        @Test(arguments: [0, 1]) func pagesAreRead(_ home: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: home)
                for _ in 1...4 { _ = try Self.publish(hub, room, ack: .accepted).get() }
                let offsets = { (page: HistoryPage) in try page.events.map { try JSON(parsing: $0)["offset"].number! } }
                let newest = try Self.page(hub, room).get()
                #expect(try offsets(newest) == [3, 4])
                #expect(newest.more)
                #expect(try offsets(Self.page(hub, room, before: 2).get()) == [1])
                #expect(try offsets(Self.page(hub, room, after: 2).get()) == [3, 4])
                #expect(try offsets(Self.page(hub, room, after: .max).get()) == [])
                #expect(try offsets(Self.page(hub, room, before: .min).get()) == [])
            }
        }

        @Test(arguments: [0, 1]) func rightsAndFaultsAreTheSame(_ home: Int) async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: home)
                let stranger = Events.person("eve")
                #expect(throws: ErrorReply.noRight) { try Self.publish(hub, room, by: stranger).get() }
                #expect(throws: ErrorReply.noRight) { try Self.page(hub, room, by: stranger).get() }
                hub.store.failReads(true)
                #expect(throws: ErrorReply.roomUnreadable) { try Self.publish(hub, room).get() }
                #expect(throws: ErrorReply.roomUnreadable) { try Self.page(hub, room).get() }
                hub.store.failReads(false)
                hub.store.say(.unavailable)
                #expect(throws: ErrorReply.storeUnavailable) { try Self.publish(hub, room).get() }
            }
        }

        @Test func aPersonsSendsHaveARate() async throws {
            var options = TestHubOptions()
            options.hub.rates[.connection, .sends] = Rate(perSecond: 1, burst: 2)
            try await withHub(options) { hub in
                let anna = Principal(
                    tenant: .default,
                    user: "anna",
                    name: "Anna",
                    roles: .user,
                    rooms: ["ticket:*"],
                    expires: .max,
                    tokenID: nil
                )
                for _ in 1...2 { _ = try Self.publish(hub, "ticket:1", by: anna).get() }
                guard case .failure(let error) = Self.publish(hub, "ticket:1", by: anna) else {
                    Issue.record("the third send came through")
                    return
                }
                #expect(error.code == .rateLimited)
                #expect(error.retryAfter != nil)
                for _ in 1...5 { _ = try Self.publish(hub, "ticket:1").get() }
                try hub.wait { $0.hub.accounts.count == 0 }
            }
        }

        @Test func tokensAreVerified() async throws {
            try await withHub { hub in
                let verify = { (token: String) in
                    hub.ask {
                        (shard: Shard, done: @escaping @Sendable (Result<Principal, AuthenticationFailure>) -> Void) in
                        shard.authenticate(token, reply: done)
                    }
                }
                let person = try verify("user=anna tenant=t1").get()
                #expect(person.tenant == Tenant("t1"))
                #expect(throws: AuthenticationFailure.self) { try verify("bad").get() }
            }
        }

        @Test func whoAdoptedAConnectionHearsOfItsEnd() async throws {
            try await withHub { hub in
                let ended = Box<Bool>()
                hub.run { $0.whenForgotten = { _ in ended.put(true) } }
                let peer = try hub.join("user=anna")
                peer.socket.cut()
                try hub.wait { _ in ended.value == true }
                #expect(hub.run { $0.clients.count } == 0)
            }
        }
    }

    @Suite struct CompressionTests {
        static let offers = [
            "permessage-deflate", "permessage-deflate; server_max_window_bits=9",
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        ]

        @Test(arguments: offers, [DeflatePolicy(), .asOffered])
        func compressedReadersGetTheSame(_ offer: String, _ policy: DeflatePolicy) async throws {
            var options = TestHubOptions(loops: 2, deflate: policy)
            options.hub.deflateFloor = 64
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let plain = try hub.join("user=anna", on: 0, rooms: [room: [:]])
                let compressed = try (0..<2).map {
                    try hub.join("user=b\($0)", on: $0, rooms: [room: [:]], offer: offer)
                }
                let before = compressed.map(\.compressedMessages)
                for number in 1...20 {
                    try plain.post(room, "message number \(number) of this conversation, which goes on and on and on")
                }
                try plain.call("signal", ["room": .text(room), "kind": "cursor", "data": 1])
                let expected = try (0..<20).map { _ in try plain.event(in: room) }
                for (reader, before) in zip(compressed, before) {
                    #expect(try (0..<20).map { _ in try reader.event(in: room) } == expected)
                    #expect(try reader.push(kind: "cursor", in: room)["data"] == 1)
                    #expect(reader.compressedMessages > before)
                }
            }
        }

        /// With a compression context of its own a client is written to one by one, which must not overtake.
        @Test func nothingPrecedesTheHelloOfAReaderWithItsOwnContext() async throws {
            try await withHub(TestHubOptions(deflate: .asOffered)) { hub in
                let writer = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                hub.store.holdReads()
                let reader = try hub.connect(offer: "permessage-deflate")
                let hello = try reader.say(
                    "hello",
                    [
                        "token": "user=boris",
                        "rooms": ["ticket:1": ["presence": true, "durable": true], "ticket:2": [:]],
                    ]
                )
                try hub.store.waitForReads()
                try writer.post("ticket:1", "1", ack: "durable")
                try writer.call("signal", ["room": "ticket:1", "kind": "typing"])
                let third = try hub.join("user=clara", rooms: ["ticket:1": [:]])
                hub.store.releaseReads()
                #expect(try reader.reply(to: hello)["ok"]["rooms"]["ticket:1"]["ok"]["head"] == 0)
                #expect(reader.transcript.first?["id"] == .number(hello))
                #expect(try reader.offsets(1, in: "ticket:1") == [1])
                #expect(try reader.push(kind: "typing", in: "ticket:1")["by"] == "anna")
                #expect(try reader.push(kind: "presence", in: "ticket:1")["join"][0]["user"] == "clara")
                #expect(try reader.push(with: "durable", in: "ticket:1")["durable"] == 1)
                try third.call("ping")
            }
        }
    }
}
