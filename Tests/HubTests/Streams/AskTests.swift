import HubProtocol
import Reactor
import Testing

@testable import HubCore

extension HubOverParts {
    @Suite struct AskTests {
        private static func question(_ text: String, key: String, in room: String = "ticket:1") -> [String: JSON] {
            ["room": .text(room), "key": .text(key), "data": ["text": .text(text), "lang": "ru"]]
        }

        @Test(arguments: Backends.offered, [1, 2])
        func aQuestionIsKeptAndItsAnswerGrows(_ backend: BackendKind, _ loops: Int) async throws {
            let assistant = ScriptedAssistant()
            try await withHub(TestHubOptions(loops: loops, backend: backend, assistant: assistant)) { hub in
                let room = hub.room(homedOn: loops - 1)
                let person = try hub.join("user=anna", rooms: [room: [:]])
                #expect(person.welcome["assistant"] == true)
                try person.post(room, "earlier")
                let asked = try person.call("ask", Self.question("Где?", key: "k1", in: room))
                #expect(asked["offset"] == 2 && asked["duplicate"] == .null)
                let id = asked["stream"].text!
                #expect(id == "ask:2:\(room)")
                let task = try assistant.next()
                #expect(task.question.text == "Где?" && task.question.person.user == "anna")
                #expect(task.question.offset == 2 && task.question.room.text == room && task.question.stream == id)
                #expect(try JSON(parsing: task.question.data) == ["text": "Где?", "lang": "ru"])

                let past = Box<[String]>()
                task.question.history(newest: 20) { result in
                    past.put((try? result.get().map { "\($0.offset) \($0.kind)" }) ?? ["fault"])
                }
                try hub.wait { _ in past.value != nil }
                #expect(past.value == ["1 message"])

                task.stream.append("Вот ")
                let opened = try person.take("the opening") { $0["data"]["state"] == "open" }
                #expect(opened["by"] == "assistant" && opened["data"]["question"] == 2)
                #expect(try person.push(kind: "delta", in: room)["text"] == "Вот ")
                task.stream.usage(AnswerUsage(tokensIn: 9, tokensOut: 1))
                let usage = try person.push(kind: "usage", in: room)
                #expect(usage["stream"] == .text(id) && usage["data"]["tokens_in"] == 9)
                task.stream.restart()
                #expect(try person.push(kind: "snapshot", in: room)["attempt"] == 2)
                task.stream.append(["Тут", "!"])
                var ending = AnswerEnding(.done)
                ending.usage = AnswerUsage(tokensIn: 9, tokensOut: 3)
                ending.provider = "local"
                ending.model = "bm25"
                ending.data = Array(#"{"articles":["a1"],"confidence":1}"#.utf8)
                task.stream.finish(ending)
                let end = try person.ending(of: id)
                #expect(end["by"] == "assistant" && end["data"]["text"] == "Тут!" && end["data"]["attempt"] == 2)
                #expect(end["data"]["provider"] == "local" && end["data"]["model"] == "bm25")
                #expect(end["data"]["data"]["articles"] == ["a1"] && end["data"]["usage"]["tokens_out"] == 3)

                let again = try person.call("ask", Self.question("Где?", key: "k1", in: room))
                #expect(again["offset"] == 2 && again["stream"] == .text(id) && again["duplicate"] == true)
                #expect(assistant.waiting == 0)
                var reader = StreamReader()
                reader.read(person)
                #expect(reader.faults == [])
            }
        }

        @Test func withoutAnAssistantItIsNotSupported() async throws {
            try await withHub { hub in
                let person = try hub.join("user=anna")
                #expect(person.welcome["assistant"] == .null)
                let error = try person.refusal("ask", Self.question("?", key: "k1"))
                #expect(error["code"] == "unsupported" && error["field"] == "cmd")
                #expect(try person.call("history", ["room": "ticket:1"])["events"] == [])
            }
        }

        @Test func whoMayNotSendMayNotAsk() async throws {
            try await withHub(TestHubOptions(assistant: ScriptedAssistant())) { hub in
                let viewer = try hub.join("user=v roles=viewer")
                #expect(try viewer.refusal("ask", Self.question("?", key: "k1"))["code"] == "forbidden")
            }
        }

        @Test func aSecondQuestionWaitsItsTurn() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.questionsWaiting = 2
            try await withHub(options) { hub in
                let person = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let ids = try (1...3).map { try person.call("ask", Self.question("q", key: "k\($0)"))["stream"].text! }
                let busy = try person.refusal("ask", Self.question("q", key: "k4"))
                #expect(busy["code"] == "busy" && busy["retry_after"] == 1000)
                // A known key is answered all the same.
                #expect(try person.call("ask", Self.question("q", key: "k2"))["stream"] == .text(ids[1]))
                let first = try assistant.next()
                #expect(first.stream.id == ids[0] && assistant.waiting == 0)
                // One that waits is cancelled at once and never put.
                try person.call("stream.cancel", ["stream": .text(ids[1])])
                #expect(try person.ending(of: ids[1])["data"]["state"] == "cancelled")
                first.stream.finish(AnswerEnding(.done))
                let third = try assistant.next()
                #expect(third.stream.id == ids[2])
                third.stream.append("x")
                third.stream.finish(AnswerEnding(.done))
                #expect(try person.ending(of: ids[2])["data"]["text"] == "x")
            }
        }

        @Test func aSecondQuestionIsRefusedOrReplacesTheFirstWhereConfigured() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.askPolicies = ["ticket": .refuse, "map": .replace]
            try await withHub(options) { hub in
                let person = try hub.join("user=anna rooms=ticket:*,map:*", rooms: ["map:1": [:]])
                try person.call("ask", Self.question("q", key: "k1"))
                #expect(try person.refusal("ask", Self.question("q", key: "k2"))["code"] == "busy")
                _ = try assistant.next()

                let first = try person.call("ask", Self.question("q", key: "k1", in: "map:1"))["stream"].text!
                let task = try assistant.next()
                task.stream.onCancel {
                    var ending = AnswerEnding(.failed)
                    ending.usage = AnswerUsage(tokensIn: 5, tokensOut: 0)
                    task.stream.finish(ending)
                }
                try person.call("ask", Self.question("q", key: "k2", in: "map:1"))
                let end = try person.ending(of: first)["data"]
                #expect(end["state"] == "cancelled" && end["usage"]["tokens_in"] == 5)
                #expect(try assistant.next().question.offset == 3)
            }
        }

        @Test func aCancelReachesTheAssistantAndIsNotWaitedForLong() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.cancelGrace = .milliseconds(1)
            options.hub.checkpointInterval = .milliseconds(10)
            try await withHub(options) { hub in
                let person = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let id = try person.call("ask", Self.question("q", key: "k1"))["stream"].text!
                let task = try assistant.next()
                task.stream.append("half")
                _ = try person.push(kind: "delta", in: "ticket:1")
                try person.call("stream.cancel", ["stream": .text(id)])
                let data = try person.ending(of: id)["data"]
                #expect(data["state"] == "cancelled" && data["text"] == "half")
                #expect(task.stream.isCancelled)
                task.stream.append("late")
                task.stream.finish(AnswerEnding(.done))
                #expect(try person.quiet("ticket:1").allSatisfy { $0["kind"] != "delta" })
            }
        }

        @Test func anAnswerMayNotBeTakenOver() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.assistantUser = "bot"
            try await withHub(options) { hub in
                let worker = try hub.join("user=bot roles=worker rooms=ticket:*")
                let id = try worker.call("ask", Self.question("q", key: "k1"))["stream"].text!
                let open = try worker.refusal("stream.open", ["room": "ticket:1", "stream": .text(id)])
                #expect(open["code"] == "forbidden")
                let append = try worker.refusal("stream.append", Peer.appending(id, from: 0, ["x"]))
                #expect(append["code"] == "conflict")
            }
        }

        @Test func anAnswerThatIsTooLongFails() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.streamBytes = 10
            try await withHub(options) { hub in
                let person = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let id = try person.call("ask", Self.question("q", key: "k1"))["stream"].text!
                let task = try assistant.next()
                task.stream.append("12345678")
                task.stream.append("abc")
                let data = try person.ending(of: id)["data"]
                #expect(data["state"] == "failed" && data["error"]["code"] == "too_large" && data["text"] == "12345678")
                #expect(task.stream.isCancelled)
            }
        }

        @Test func afterACrashAnAnswerIsInterruptedAndTheQuestionIsNotAskedAgain() async throws {
            let assistant = ScriptedAssistant()
            var options = TestHubOptions(assistant: assistant)
            options.hub.checkpointBytes = 1
            try await withFolder { [options] folder in
                var hub = try TestHub(options, folder: folder)
                let person = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let id = try person.call("ask", Self.question("q", key: "k1"))["stream"].text!
                let task = try assistant.next()
                task.stream.append("kept")
                try hub.wait { $0.rooms.values.allSatisfy { $0.streams?.open[id]?.durable == 1 } }
                hub.store.holdWrites()
                task.stream.append(" lost")
                hub = try hub.crashed()
                defer { hub.stop() }
                let back = try hub.join("user=anna", rooms: ["ticket:1": ["since": 0]])
                var reader = StreamReader()
                reader.read(back)
                if reader.streams[id]?.state != "interrupted" { _ = try back.ending(of: id) }
                reader.read(back)
                #expect(reader.streams[id]?.text == "kept" && reader.streams[id]?.state == "interrupted")
                let again = try back.call("ask", Self.question("q", key: "k1"))
                #expect(again["stream"] == .text(id) && again["duplicate"] == true)
                #expect(assistant.waiting == 0)
            }
        }

        @Test func aStopEndsAnswersThatRun() async throws {
            let assistant = ScriptedAssistant()
            try await withHub(TestHubOptions(assistant: assistant)) { hub in
                let person = try hub.join("user=anna", rooms: ["ticket:1": [:]])
                let id = try person.call("ask", Self.question("q", key: "k1"))["stream"].text!
                let task = try assistant.next()
                task.stream.append("half")
                hub.run { $0.finishStreams() }
                let data = try person.ending(of: id)["data"]
                #expect(data["state"] == "interrupted")
                #expect(task.stream.isCancelled)
            }
        }
    }
}
