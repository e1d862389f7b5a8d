import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct StreamWatchingTests {
        private static let worker = "user=bot roles=worker rooms=ticket:*"

        /// A watcher that stops reading gets fewer, larger deltas when it goes on; nobody else waits for it, and
        /// nothing is queued for it meanwhile.
        @Test(
            arguments: Backends.offered,
            [nil, "permessage-deflate", "permessage-deflate; server_no_context_takeover"]
        )
        func aSlowReaderGetsLargerPieces(_ backend: BackendKind, _ offer: String?) async throws {
            var options = TestHubOptions(backend: backend, deflate: .asOffered)
            options.hub.streamPageBytes = 20_000
            try await withHub(options) { hub in
                let (slow, _, _) = try BackpressureTests.fill(hub, "ticket:1", offer: offer)
                let quick = try hub.join("user=quick", rooms: ["ticket:1": [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                let queued = hub.run { shard in shard.lagging.values.map(\.connection.queuedBytes).max()! }
                var text = ""
                let tokens: Int64 = 50
                for index in 0..<tokens {
                    let token = "\(index) " + String(repeating: "й", count: 1500)
                    text += token
                    try producer.append("s1", from: index, [token])
                    _ = try quick.push(kind: "delta", in: "ticket:1")
                }
                #expect(hub.run { $0.metrics.streamDeltas } == UInt64(tokens))
                #expect(hub.run { $0.metrics.streamLags } == 1)
                #expect(hub.run { shard in shard.lagging.values.map(\.connection.queuedBytes).max()! } <= queued)
                _ = try slow.take("all of it") { $0["kind"] == "delta" && $0["to"] == .number(tokens) }
                var reader = StreamReader()
                reader.read(slow)
                #expect(reader.faults == [])
                #expect(reader.streams["s1"]?.text == text)
                #expect(reader.deltas > 1 && Int64(reader.deltas) < tokens / 2)
                try producer.append("s1", from: tokens, ["end"])
                let live = try slow.take("live again") { $0["to"] == .number(tokens + 1) }
                #expect(live["from"] == .number(tokens))
                try producer.close("s1")
                #expect(try slow.ending(of: "s1")["data"]["text"] == .text(text + "end"))
            }
        }

        /// An answer holds only so much text; the rest follows as deltas without a gap.
        @Test(arguments: [1, 2]) func aLongTextFollowsTheAnswerInPieces(_ loops: Int) async throws {
            var options = TestHubOptions(loops: loops)
            options.hub.answerBytes = 10_000
            options.hub.streamPageBytes = 6000
            try await withHub(options) { hub in
                let room = hub.room(homedOn: 0)
                let producer = try hub.join(Self.worker)
                var texts: [String: String] = [:]
                for id in ["s1", "s2", "s3"] {
                    try producer.open(id, in: room)
                    let tokens = (0..<500).map { "\(id)-\($0) слово " }
                    for from in stride(from: 0, to: 500, by: 50) {
                        try producer.append(id, from: Int64(from), Array(tokens[from..<(from + 50)]))
                    }
                    texts[id] = tokens.joined()
                }
                let late = try hub.join("user=anna", on: loops - 1, rooms: [room: [:]])
                let sub = try hub.join("user=boris", on: loops - 1)
                try sub.call("sub", ["room": .text(room)])
                for peer in [late, sub] {
                    var reader = StreamReader()
                    for id in ["s1", "s2", "s3"] {
                        reader.read(peer)
                        if reader.streams[id]?.to != 500 {
                            _ = try peer.take("all of \(id)") { $0["stream"] == .text(id) && $0["to"] == 500 }
                        }
                    }
                    reader.read(peer)
                    #expect(reader.faults == [])
                    #expect(reader.streams.mapValues(\.text) == texts)
                    #expect(reader.deltas >= 3)
                }
                try producer.append("s2", from: 500, ["end"])
                #expect(try late.take("live") { $0["to"] == 501 }["from"] == 500)
            }
        }

        /// Somebody whose answer held only the beginning of a text changes nothing for those who have all of it.
        @Test func aLongAnswerMovesNobodyElseBack() async throws {
            var options = TestHubOptions()
            options.hub.answerBytes = 4096
            options.hub.softQueueBytes = 2000
            try await withHub(options) { hub in
                let first = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                for index in 0..<20 {
                    try producer.append("s1", from: Int64(index), [String(repeating: "x", count: 900)])
                }
                _ = try first.take("the text") { $0["to"] == 20 }
                let late = try hub.join("user=late", rooms: ["ticket:1": [:]])
                hub.run { shard in
                    let audience = shard.audiences.values.first!
                    #expect(audience.streams.values.allSatisfy { $0.place.tokens == 20 })
                }
                try producer.append("s1", from: 20, ["end"])
                for peer in [first, late] { _ = try peer.take("the end") { $0["to"] == 21 } }
                var reader = StreamReader()
                reader.read(late)
                #expect(reader.faults == [])
            }
        }

        /// A supersession that a slow reader missed comes as a snapshot.
        @Test func aSlowReaderLearnsOfAnotherAttempt() async throws {
            try await withHub { hub in
                let (slow, _, _) = try BackpressureTests.fill(hub, "ticket:1")
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                try producer.append("s1", from: 0, ["wrong"])
                try producer.open("s1", in: "ticket:1", ["attempt": 2])
                try producer.append("s1", from: 0, ["anew"])
                try producer.open("s2", in: "ticket:1")
                try producer.append("s2", from: 0, ["second"])
                let snapshot = try slow.push(kind: "snapshot", in: "ticket:1")
                #expect(snapshot["attempt"] == 2 && snapshot["text"] == "anew")
                _ = try slow.take("the other") { $0["stream"] == "s2" && $0["kind"] == "delta" }
                var reader = StreamReader()
                reader.read(slow)
                #expect(reader.faults == [])
                #expect(reader.streams["s2"]?.text == "second")
            }
        }

        /// The longest text there may be, all of it control characters, reaches who reads and who comes later.
        @Test func theLongestTextReachesEverybody() async throws {
            try await withHub { hub in
                let watcher = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: "ticket:1")
                let piece = String(repeating: "\u{1}", count: 32 << 10)
                for index in 0..<32 {
                    try producer.append("s1", from: Int64(index), [piece])
                    _ = try watcher.push(kind: "delta", in: "ticket:1")
                }
                #expect(
                    try producer.refusal("stream.append", Peer.appending("s1", from: 32, ["x"]))["code"] == "too_large"
                )
                try producer.close("s1")
                #expect(try watcher.ending(of: "s1")["data"]["text"].text?.utf8.count == 1 << 20)
                let late = try hub.join("user=late", rooms: ["ticket:1": ["since": 0]])
                var reader = StreamReader()
                reader.read(late)
                if reader.streams["s1"]?.state != "done" { _ = try late.ending(of: "s1") }
                #expect(hub.run { $0.metrics.tooSlow } == 0)
            }
        }

        @Test func aRoomThatWasLeftSaysNothingMore() async throws {
            try await withHub(TestHubOptions(loops: 2)) { hub in
                let room = hub.room(homedOn: 1)
                let watcher = try hub.join("user=anna", rooms: [room: [:]])
                let producer = try hub.join(Self.worker)
                try producer.open("s1", in: room)
                _ = try watcher.event(in: room)
                try watcher.call("unsub", ["room": .text(room)])
                try producer.append("s1", from: 0, ["a"])
                try watcher.call("sub", ["room": .text(room)])
                #expect(try watcher.quiet(room) == [])
                try producer.append("s1", from: 1, ["b"])
                #expect(try watcher.push(kind: "delta", in: room)["from"] == 1)
            }
        }
    }
}
