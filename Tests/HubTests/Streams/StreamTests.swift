import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct StreamTests {
        private static let worker = "user=bot roles=worker rooms=ticket:*"

        /// Watchers on every loop see a stream grow and end, whatever its home.
        @Test(arguments: Backends.offered, [1, 2])
        func everybodySeesItGrowAndEnd(_ backend: BackendKind, _ loops: Int) async throws {
            try await withHub(TestHubOptions(loops: loops, backend: backend)) { hub in
                let room = hub.room(homedOn: loops - 1)
                let watchers = try (0..<loops).map { try hub.join("user=anna", on: $0, rooms: [room: [:]]) }
                let producer = try hub.join(Self.worker)
                let opened = try producer.open("s1", in: room, ["title": "T", "meta": ["m": 1]])
                #expect(opened["offset"] == 1 && opened["next"] == 0 && opened["attempt"] == 1)
                #expect(try producer.append("s1", from: 0, ["При", "вет"])["next"] == 2)
                for watcher in watchers {
                    let event = try watcher.event(in: room)
                    #expect(event["by"] == "bot" && event["kind"] == "stream")
                    let data: JSON = ["stream": "s1", "state": "open", "attempt": 1, "title": "T", "meta": ["m": 1]]
                    #expect(event["data"] == data)
                    let delta = try watcher.push(kind: "delta", in: room)
                    #expect(delta["from"] == 0 && delta["to"] == 2 && delta["text"] == "Привет")
                }
                #expect(try producer.append("s1", from: 2, [" \"мир\"\n"])["next"] == 3)
                let ended = try producer.close("s1", "done", ["usage": ["tokens_out": 3]])
                #expect(ended["offset"] == 2)
                for watcher in watchers {
                    let data = try watcher.ending(of: "s1")["data"]
                    #expect(data["text"] == "Привет \"мир\"\n" && data["state"] == "done")
                    #expect(data["usage"] == ["tokens_out": 3])
                    var reader = StreamReader()
                    reader.read(watcher)
                    #expect(reader.faults == [])
                }
                #expect(
                    try producer.refusal("stream.append", Peer.appending("s1", from: 3, ["x"]))["code"] == "not_found"
                )
                let reports = (0..<loops).map { loop in hub.run(on: loop) { $0.metrics } }
                #expect(reports.map(\.streamTokens).reduce(0, +) == 3)
                #expect(reports.flatMap(\.streamsEnded).map(\.key) == [.done])
                #expect((0..<loops).allSatisfy { loop in hub.run(on: loop) { $0.openStreams + $0.streamBytes } == 0 })
            }
        }

        @Test func whoComesLaterGetsTheTextSoFarAndGoesOnFromThere() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 0)
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: room)
                try producer.append("s1", from: 0, ["a", "b"])
                let late = try hub.join("user=anna", on: 1, rooms: [room: [:]])
                let snapshots = late.welcome["rooms"][room]["ok"]["streams"]
                let snapshot: JSON = [
                    "room": .text(room), "kind": "snapshot", "stream": "s1", "attempt": 1, "to": 2, "text": "ab",
                    "state": "open",
                ]
                #expect(snapshots == [snapshot])
                try producer.append("s1", from: 2, ["c"])
                #expect(try late.push(kind: "delta", in: room)["from"] == 2)
                // A second sub answers anew, and what follows goes on from its answer.
                let again = try late.call("sub", ["room": .text(room)])
                #expect(again["streams"][0]["text"] == "abc")
                try producer.append("s1", from: 3, ["d"])
                #expect(try late.push(kind: "delta", in: room)["from"] == 3)
            }
        }

        @Test func repeatsAreSkippedAndAGapIsAConflict() async throws {
            try await withHub { hub in
                let producer = try hub.join(Self.worker, rooms: ["ticket:1": [:]])
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["a", "b", "c"])
                #expect(try producer.append("s1", from: 1, ["b", "c", "d"])["next"] == 4)
                let gap = try producer.refusal("stream.append", Peer.appending("s1", from: 6, ["x"]))
                #expect(gap["code"] == "conflict" && gap["current"] == 4 && gap["field"] == "from")
                try producer.close("s1")
                #expect(try producer.ending(of: "s1")["data"]["text"] == "abcd")
            }
        }

        @Test func aHigherAttemptSupersedesTheText() async throws {
            try await withHub { hub in
                let producer = try hub.join(Self.worker, rooms: ["ticket:1": [:]])
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["wrong"])
                let again = try producer.open("s1", in: "ticket:1", ["attempt": 2])
                #expect(again["attempt"] == 2 && again["next"] == 0 && again["offset"] == 1)
                let snapshot = try producer.push(kind: "snapshot", in: "ticket:1")
                #expect(snapshot["attempt"] == 2 && snapshot["to"] == 0 && snapshot["text"] == "")
                let late = Peer.appending("s1", from: 1, ["x"]).merging(["attempt": 1]) { $1 }
                let older = try producer.refusal("stream.append", late)
                #expect(older["code"] == "conflict" && older["field"] == "attempt" && older["current"] == 2)
                let lower = try producer.refusal("stream.open", ["room": "ticket:1", "stream": "s1", "attempt": 1])
                #expect(lower["code"] == "conflict" && lower["current"] == 2)
                try producer.append("s1", from: 0, ["right"])
                try producer.close("s1")
                let data = try producer.ending(of: "s1")["data"]
                #expect(data["text"] == "right" && data["attempt"] == 2)
                var reader = StreamReader()
                reader.read(producer)
                #expect(reader.faults == [])
            }
        }

        @Test func itsProducerTakesItUpOnAnotherConnection() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let first = try hub.join(Self.worker, on: 0, rooms: [room: [:]])
                try first.open("s1", in: room)
                try first.append("s1", from: 0, ["a", "b"])
                let second = try hub.join(Self.worker, on: 1)
                #expect(try second.open("s1", in: room)["next"] == 2)
                let old = try first.refusal("stream.append", Peer.appending("s1", from: 2, ["x"]))
                #expect(old["code"] == "conflict" && old["field"] == "stream")
                #expect(try first.refusal("stream.close", ["stream": "s1", "state": "done"])["code"] == "conflict")
                first.socket.cut()
                try second.append("s1", from: 1, ["b", "c"])
                let stranger = try hub.join("user=other roles=worker rooms=ticket:*")
                let taken = try stranger.refusal("stream.open", ["room": .text(room), "stream": "s1"])
                #expect(taken["code"] == "conflict" && taken["field"] == "stream")
                let moved = try second.refusal("stream.open", ["room": "ticket:other", "stream": "s1"])
                #expect(moved["code"] == "conflict")
                #expect(try second.close("s1")["offset"] == 2)
            }
        }

        @Test(arguments: [1, 2]) func aLostProducerIsWaitedForAndThenTheStreamIsInterrupted(_ loops: Int) async throws {
            var options = TestHubOptions(loops: loops)
            options.hub.streamGrace = .milliseconds(300)
            options.hub.checkpointInterval = .milliseconds(20)
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 0)
                let watcher = try hub.join("user=anna", rooms: [room: [:]])
                let producer = try hub.join(Self.worker, on: loops - 1)
                try producer.open("s1", in: room)
                try producer.append("s1", from: 0, ["half"])
                producer.socket.cut()
                let data = try watcher.ending(of: "s1")["data"]
                #expect(data["state"] == "interrupted" && data["text"] == "half")
                let back = try hub.join(Self.worker)
                let ended = try back.refusal("stream.open", ["room": .text(room), "stream": "s1"])
                #expect(ended["code"] == "conflict" && ended["current"] == "interrupted")
            }
        }

        @Test func aConnectionThatGoesBeforeItsOpenIsAnsweredHasLostTheStream() async throws {
            var options = TestHubOptions(loops: 2)
            options.hub.streamGrace = .milliseconds(1)
            options.hub.checkpointInterval = .milliseconds(20)
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 1)
                let watcher = try hub.join("user=anna", rooms: [room: [:]])
                let producer = try hub.join(Self.worker)
                hub.store.holdReads()
                try producer.say("stream.open", ["room": .text(room), "stream": "s1"])
                try hub.store.waitForReads()
                producer.socket.cut()
                try hub.wait { $0.clients.count == 1 }
                hub.store.releaseReads()
                #expect(try watcher.ending(of: "s1")["data"]["state"] == "interrupted")
            }
        }

        @Test func whatFollowsAnOpenWaitsForIt() async throws {
            try await withHub { hub in
                let producer = try hub.join(Self.worker, rooms: ["ticket:1": [:]])
                hub.store.holdReads()
                let opening = try producer.say("stream.open", ["room": "ticket:1", "stream": "s1"])
                let appending = try producer.say("stream.append", Peer.appending("s1", from: 0, ["a"]))
                let closing = try producer.say("stream.close", ["stream": "s1", "state": "done"])
                try hub.store.waitForReads()
                hub.store.releaseReads()
                #expect(try producer.reply(to: opening)["ok"]["next"] == 0)
                #expect(try producer.reply(to: appending)["ok"]["next"] == 1)
                #expect(try producer.reply(to: closing)["ok"]["offset"] == 2)
            }
        }

        @Test func aCancelReachesTheProducerAlsoOnItsNextConnection() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let watcher = try hub.join("user=anna", rooms: [room: [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: room)
                try watcher.call("stream.cancel", ["stream": "s1"])
                let cancel: JSON = ["stream": "s1", "cancel": ["by": "anna"]]
                #expect(try producer.push(with: "cancel") == cancel)
                let second = try hub.join(Self.worker)
                try second.open("s1", in: room)
                #expect(try second.push(with: "cancel") == cancel)
                try second.close("s1", "cancelled")
                #expect(try watcher.ending(of: "s1")["data"]["state"] == "cancelled")
                #expect(try watcher.refusal("stream.cancel", ["stream": "s1"])["code"] == "not_found")
            }
        }

        @Test func aStreamWithoutAProducerIsCancelledAtOnce() async throws {
            try await withHub { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                producer.socket.cut()
                try hub.wait { $0.clients.count == 1 }
                try watcher.call("stream.cancel", ["stream": "s1"])
                #expect(try watcher.ending(of: "s1")["data"]["state"] == "cancelled")
            }
        }

        @Test func rightsAreAskedForEverything() async throws {
            try await withHub { hub in
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                let person = try hub.join("user=anna")
                let opening = try person.refusal("stream.open", ["room": "ticket:1", "stream": "s2"])
                #expect(opening["code"] == "forbidden" && opening["field"] == "room")
                let append = try person.refusal("stream.append", Peer.appending("s1", from: 0, ["x"]))
                #expect(append["code"] == "forbidden" && append["field"] == "stream")
                #expect(try person.refusal("stream.close", ["stream": "s1", "state": "done"])["code"] == "forbidden")
                let viewer = try hub.join("user=v roles=viewer")
                #expect(try viewer.refusal("stream.cancel", ["stream": "s1"])["code"] == "forbidden")
                let elsewhere = try hub.join("user=e rooms=map:*")
                #expect(try elsewhere.refusal("stream.cancel", ["stream": "s1"])["code"] == "not_found")
                let abroad = try hub.join("user=bot roles=operator tenant=t2")
                #expect(try abroad.refusal("stream.cancel", ["stream": "s1"])["code"] == "not_found")
                #expect(try abroad.open("s1", in: "ticket:1")["next"] == 0)
                let colleague = try hub.join("user=other roles=operator")
                let foreign = try colleague.refusal("stream.append", Peer.appending("s1", from: 0, ["x"]))
                #expect(foreign["code"] == "conflict")
            }
        }

        @Test func everythingHasABound() async throws {
            var options = TestHubOptions()
            options.hub.streamBytes = 10
            options.hub.streamsPerRoom = 2
            options.hub.streamsPerConnection = 3
            options.hub.streamBytesPerLoop = 25
            try await withHub(options) { hub in
                let producer = try hub.join(Self.worker, rooms: ["ticket:1": [:]])
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["123456"])
                let long = try producer.refusal("stream.append", Peer.appending("s1", from: 1, ["7", "89012"]))
                #expect(long["code"] == "too_large" && long["field"] == "parts")
                try producer.append("s1", from: 1, ["7890"])
                try producer.open("s2", in: "ticket:1")
                let third = try producer.refusal("stream.open", ["room": "ticket:1", "stream": "s3"])
                #expect(third["code"] == "too_large" && third["field"] == "stream")
                try producer.open("s3", in: "ticket:2")
                let fourth = try producer.refusal("stream.open", ["room": "ticket:3", "stream": "s4"])
                #expect(fourth["code"] == "too_large" && fourth["field"] == "stream")
                try producer.append("s2", from: 0, ["1234567890"])
                let full = try producer.refusal("stream.append", Peer.appending("s3", from: 0, ["123456"]))
                #expect(full["code"] == "busy" && full["retry_after"] == 1000)
                try producer.close("s1")
                #expect(try producer.ending(of: "s1")["data"]["text"] == "1234567890")
                try producer.append("s3", from: 0, ["123456"])
                try producer.open("s4", in: "ticket:3")
            }
        }

        @Test func anIDIsUsedOnceAlsoOverRestarts() async throws {
            try await withFolder { folder in
                var hub = try TestHub(TestHubOptions(), folder: folder)
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.close("s1", "failed", ["error": ["code": "x"]])
                let again = try producer.refusal("stream.open", ["room": "ticket:1", "stream": "s1"])
                #expect(again["code"] == "conflict" && again["current"] == "failed")
                hub = try hub.restarted()
                defer { hub.stop() }
                let back = try hub.join(Self.worker)
                let late = try back.refusal("stream.open", ["room": "ticket:9", "stream": "s1"])
                #expect(late["code"] == "conflict" && late["current"] == "failed")
            }
        }

        @Test func aRoomWithAnOpenStreamStaysInMemory() async throws {
            var options = TestHubOptions()
            options.hub.roomIdle = .zero
            try await withHub(options) { hub in
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["a"])
                try producer.call("send", Peer.message("ticket:2", "x", ack: "durable"))
                try hub.wait { $0.rooms.count == 1 }
                #expect(try producer.append("s1", from: 1, ["b"])["next"] == 2)
                try producer.close("s1")
                try hub.wait { $0.rooms.isEmpty }
            }
        }

        @Test func whileTheDiskRefusesNothingIsTakenAndAnEndWaits() async throws {
            var options = TestHubOptions()
            options.hub.streamGrace = .milliseconds(1)
            options.hub.checkpointInterval = .milliseconds(10)
            try await withHub(options) { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["a"])
                hub.store.say(.unavailable)
                for (command, fields) in [
                    ("stream.append", Peer.appending("s1", from: 1, ["x"])),
                    ("stream.close", ["stream": "s1", "state": "done"]),
                    ("stream.open", ["room": "ticket:1", "stream": "s2"]),
                ] {
                    #expect(try producer.refusal(command, fields)["code"] == "unavailable")
                }
                producer.socket.cut()
                try hub.wait { $0.rooms.values.allSatisfy { $0.streams?.open["s1"]?.pendingEnding != nil } }
                hub.store.say(nil)
                #expect(try watcher.ending(of: "s1")["data"]["state"] == "interrupted")
            }
        }
    }
}
