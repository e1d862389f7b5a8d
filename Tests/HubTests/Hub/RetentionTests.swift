import Dispatch
import HubPersistence
import HubProtocol
import Synchronization
import Testing

@testable import HubCore

extension HubOverParts {
    /// The disk forgets the past of a room while the room is in memory and does not know.
    @Suite struct RetentionTests {
        static func withForgottenPast(_ body: @Sendable (TestHub, Peer) throws -> Void) async throws {
            var options = TestHubOptions(kept: ["log": 5])
            options.hub.ringEvents = 3
            try await withHub(options) { hub in
                hub.store.hideTrims()
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...20 { try peer.post("log:1", "\(number)", ack: "durable") }
                let limit = ContinuousClock.now + .seconds(30)
                while firstKept(hub) != 16 {
                    guard ContinuousClock.now < limit else { throw HeldStore.TimedOut() }
                }
                #expect(hub.run { shard in shard.rooms.values.map(\.firstKept) } == [1])
                try body(hub, peer)
            }
        }

        static func firstKept(_ hub: TestHub) -> Int64 {
            let room = RoomIdentity(key: RoomKey(tenant: .default, name: RoomName("log:1")), home: 0)
            let first = Mutex<Int64>(0)
            let done = DispatchSemaphore(value: 0)
            hub.store.store.load(room, events: 1, bytes: 1) { result in
                first.withLock { $0 = (try? result.get().firstKept) ?? 0 }
                done.signal()
            }
            done.wait()
            return first.withLock { $0 }
        }

        @Test func aRoomInMemoryIsToldWhatIsNoLongerKept() async throws {
            try await withHub(TestHubOptions(loops: 2, kept: ["log": 5])) { hub in
                let room = hub.room("log", homedOn: 1)
                let peer = try hub.join("user=anna roles=operator")
                for number in 1...20 { try peer.post(room, "\(number)", key: "\(number)", ack: "durable") }
                try hub.wait(on: 1) { $0.rooms.values.first?.firstKept == 16 }
                let reads = hub.store.readCount
                let page = try peer.call("sub", ["room": .text(room), "limit": 100])
                #expect(page["events"].list!.map(\.["offset"]) == [16, 17, 18, 19, 20])
                #expect(page["more"] == false)
                #expect(try peer.call("history", ["room": .text(room), "before": 16])["events"] == [])
                #expect(hub.store.readCount == reads, "memory knows, the disk need not be asked")
                // A key outlives its event.
                #expect(try peer.post(room, "1", key: "1")["duplicate"] == true)
                #expect(try peer.post(room, "21")["offset"] == 21)
            }
        }

        @Test func pagesBeginWhereThePastDoes() async throws {
            try await Self.withForgottenPast { hub, peer in
                let page = try peer.call("history", ["room": "log:1", "after": 0])
                #expect(page["events"].list!.map(\.["offset"]) == [16, 17, 18, 19, 20])
                #expect(page["more"] == false)
                let older = try peer.call("history", ["room": "log:1", "before": 16])
                #expect(older["events"] == [])
                #expect(older["more"] == false)
            }
        }

        @Test func anEmptyPageTellsThatThereIsNoMore() async throws {
            try await Self.withForgottenPast { hub, peer in
                let older = try peer.call("history", ["room": "log:1", "before": 10])
                #expect(older["events"] == [])
                #expect(older["more"] == false)
            }
        }

        @Test func whatIsNoLongerKeptIsNotRecovered() async throws {
            try await Self.withForgottenPast { hub, peer in
                let epoch = JSON.text(hub.store.epochs.currentName)
                let late = try peer.call("sub", ["room": "log:1", "since": 3, "epoch": epoch])
                #expect(late["recovered"] == false)
                #expect(late["events"].list!.map(\.["offset"]) == [16, 17, 18, 19, 20])
                #expect(late["more"] == false)
                let early = try peer.call("sub", ["room": "log:1", "since": 15, "epoch": epoch])
                #expect(early["recovered"] == true)
                #expect(early["events"].list?.count == 5)
                let first = try peer.call("sub", ["room": "log:1", "since": 0])
                #expect(first["recovered"] == true)
                #expect(first["events"].list?.first?["offset"] == 16)
            }
        }

        /// A reader that was catching up when its next piece was deleted is not left asking for it for ever.
        @Test func whoIsCatchingUpComesToTheEnd() async throws {
            try await Self.withForgottenPast { hub, peer in
                let reader = try hub.join("user=boris roles=operator")
                try reader.call("sub", ["room": "log:1", "limit": 0])
                hub.run { shard in
                    for client in shard.clients.values {
                        guard let subscription = client.subscriptions.first, let place = subscription.place else {
                            continue
                        }
                        subscription.catchUpAfter = 2
                        place.audience.update(subscription, catchingUp: true)
                        client.fetchMissing()
                    }
                }
                #expect(try reader.offsets(5, in: "log:1") == [16, 17, 18, 19, 20])
                try peer.post("log:1", "21")
                #expect(try reader.offsets(1, in: "log:1") == [21])
            }
        }
    }
}
