import HubProtocol
import Synchronization
import Testing

@testable import HubCore

@Suite struct AnswerStreamTests {
    /// What a stream's home would hear.
    final class Home: Sendable {
        private let heard = Mutex<[String]>([])

        var events: [String] { heard.withLock { $0 } }

        func stream() -> AnswerStream {
            AnswerStream(id: "ask:1:a:b") { [self] event in
                let word =
                    switch event {
                    case .tokens(let tokens): "\(tokens.count) \(String(decoding: tokens.text, as: UTF8.self))"
                    case .restarted: "restarted"
                    case .usage(let usage): "usage \(usage.tokensOut)"
                    case .finished(let ending): "\(ending.state) \(ending.error?.code ?? "-")"
                    }
                heard.withLock { $0.append(word) }
            }
        }
    }

    @Test func forwardsEverythingInOrderAndNothingAfterTheEnd() {
        let home = Home()
        let stream = home.stream()
        stream.append("При")
        stream.append(["вет", "!"])
        stream.append("")
        stream.append([])
        stream.restart()
        stream.usage(AnswerUsage(tokensIn: 1, tokensOut: 2))
        stream.finish(AnswerEnding(.done))
        stream.append("late")
        stream.finish(AnswerEnding(.failed))
        #expect(home.events == ["1 При", "2 вет!", "restarted", "usage 2", "done -"])
    }

    @Test func letGoWithoutAnEndItHasFailed() {
        let home = Home()
        do {
            let stream = home.stream()
            stream.append("a")
        }
        #expect(home.events == ["1 a", "failed internal"])
    }

    @Test func theHandlerHearsOfACancelOnceWheneverItComes() {
        let home = Home()
        let calls = Atomic(0)
        let early = home.stream()
        early.onCancel { calls.add(1, ordering: .relaxed) }
        #expect(!early.isCancelled)
        early.cancel()
        early.cancel()
        #expect(calls.load(ordering: .relaxed) == 1)
        let late = home.stream()
        late.cancel()
        late.onCancel { calls.add(1, ordering: .relaxed) }
        #expect(calls.load(ordering: .relaxed) == 2)
        #expect(late.isCancelled)
    }

    @Test(arguments: [(0, "0.000000"), (1, "0.000001"), (12_345_678, "12.345678"), (-500_000, "-0.500000")])
    func pricesAreExact(micros: Int64, text: String) {
        let usage = AnswerUsage(tokensIn: 3, tokensOut: 4, costMicros: micros, currency: "EUR")
        let json = "{\"tokens_in\":3,\"tokens_out\":4,\"cost\":\(text),\"currency\":\"EUR\"}"
        #expect(String(decoding: usage.json, as: UTF8.self) == json)
    }

    @Test func anEndingKeepsWhatIsKnown() {
        var ending = AnswerEnding(.failed)
        ending.usage = AnswerUsage(tokensIn: 1, tokensOut: 0)
        ending.provider = "local"
        ending.error = AnswerEnding.Fault(code: "unavailable", message: "no \"answer\"")
        ending.data = Array(#"{"confidence":0.2}"#.utf8)
        let data = StreamEventData.ended(stream: "s", attempt: 2, text: Array("a\"b".utf8), ending.kept)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"stream":"s","state":"failed","attempt":2,"text":"a\"b","usage":{"tokens_in":1,"tokens_out":0},"#
                + #""provider":"local","error":{"code":"unavailable","message":"no \"answer\""},"data":{"confidence":0.2}}"#
        )
        #expect(AnswerEnding(.open).kept.state == .failed)
    }
}
