import Foundation
import HubCore
import HubProtocol
import Synchronization
import Testing

@testable import Generation

/// The assistant over real connections to the stand-in.
@Suite(.timeLimit(.minutes(2)))
struct GenerationAssistantTests {
    static let answer = "Ваш заказ 42 уже в пути 🚚 и будет завтра. Your order is on its way."
    private let standIn = StandIn.shared

    @Test("an answer comes token by token, with provider, model and usage", arguments: ReaderTests.dialects)
    func answered(dialect: String) async throws {
        let price = #","price":{"input":1,"output":2,"currency":"RUB"}"#
        let asking = try Asking(Asking.file([Asking.entry("main", "id=answered", dialect: dialect, more: price)]))
        let shown = await asking.ask().end()
        #expect(shown.texts == [Self.answer])
        #expect(shown.tokens > 10)
        #expect(shown.ending?.state == .done)
        #expect(shown.ending?.provider == "main" && shown.ending?.model == "main-m")
        #expect(shown.ending?.usage?.tokensIn == 9)
        #expect(shown.ending?.usage?.tokensOut == shown.tokens)
        #expect(shown.ending?.usage?.currency == (dialect == "openrouter" ? "USD" : "RUB"))
        #expect(shown.ending?.data.map { String(decoding: $0, as: UTF8.self) } == #"{"finish":"stop"}"#)
        #expect(shown.usages.last?.tokensIn == 9)
        let health = asking.assistant.health[0]
        #expect((health.requests, health.answers, health.open) == (1, 1, 0))
        #expect(health.firstToken != nil)
    }

    @Test(
        "where a provider fails before the first token the next one answers, and nothing of it is seen",
        arguments: [
            "status=401", "status=402", "status=404", "status=429,retry-after=60", "redirect=%2Fx", "status=500,id=a",
            "garbage=0", "error=0", "hang=head", "hang=start", "hang=0", "head-bytes=80000",
        ]
    )
    func fallOver(script: String) async throws {
        let quick = #","timeouts":{"first_token_ms":100}"#
        let asking = try Asking(
            Asking.file(
                [Asking.entry("bad", "\(script)", more: quick), Asking.entry("good", "id=good")],
                route: #""providers":["bad","good"],"retries":0"#
            )
        )
        let shown = await asking.ask().end()
        #expect(shown.texts == [Self.answer])
        #expect(shown.ending?.provider == "good")
        #expect(asking.assistant.health[0].failures.values.reduce(0, +) == 1)
    }

    @Test("nobody listens: the next one answers")
    func unreachable() async throws {
        let dead =
            #"{"name":"dead","dialect":"openai","model":"m","base":"http://127.0.0.1:1","private_addresses":["127.0.0.1"]}"#
        let asking = try Asking(
            Asking.file([dead, Asking.entry("good", "id=good")], route: #""providers":["dead","good"],"retries":0"#)
        )
        #expect(await asking.ask().end().ending?.provider == "good")
        #expect(asking.assistant.health[0].failures == [.network: 1])
    }

    @Test("a provider at a private address that is not configured is never asked")
    func privateAddress() async throws {
        let inside = Asking.entry("inside", "id=inside").replacing(#"["127.0.0.1"]"#, with: #"["10.0.0.0/8"]"#)
        let asking = try Asking(Asking.file([inside]))
        let shown = await asking.ask().end()
        #expect(shown.ending?.state == .failed)
        #expect(shown.ending?.error?.code == "unavailable")
        #expect(asking.assistant.health[0].failures == [.address: 1])
    }

    @Test("429 with a short Retry-After: the same provider is asked again after it")
    func retried() async throws {
        let script = "times=1,status=429,retry-after=0.01,id=retried"
        let asking = try Asking(Asking.file([Asking.entry("main", script), Asking.entry("other", "id=other")]))
        let shown = await asking.ask().end()
        #expect(shown.ending?.provider == "main")
        #expect(
            try await standIn.ended("openai", script, count: 2, on: asking.upstream).map(\.end) == [
                "answered", "answered",
            ]
        )
    }

    @Test(
        "a failure after the first token starts a new attempt, which supersedes the text",
        arguments: ["cut=character", "cut=line", "cut=end", "error=4", "garbage=4", "hang=4"]
    )
    func restarted(script: String) async throws {
        let quick = #","timeouts":{"idle_ms":100,"first_token_ms":3600000}"#
        let asking = try Asking(
            Asking.file([Asking.entry("bad", script, more: quick), Asking.entry("good", "id=restart,text=whole")])
        )
        let shown = await asking.ask().end()
        #expect(shown.texts.count == 2)
        #expect(!shown.texts[0].isEmpty && Self.answer.hasPrefix(shown.texts[0]))
        #expect(shown.texts[1] == "whole")
        #expect(shown.ending?.state == .done && shown.ending?.provider == "good")
        #expect((shown.ending?.usage?.tokensIn ?? 0) > 9, "the failed attempt counts, too")
    }

    @Test("a text that its provider rewrites is shown again as a new attempt")
    func rewritten() async throws {
        let asking = try Asking(Asking.file([Asking.entry("ya", "rewrite", dialect: "yandexgpt")]))
        let shown = await asking.ask().end()
        #expect(shown.texts.count == 3)
        #expect(shown.texts[1].hasPrefix("Подождите. Ваш"))
        #expect(shown.texts[2] == Self.answer)
        #expect(shown.ending?.state == .done)
    }

    @Test("a cancel closes the provider's connection and keeps what it took; nothing comes behind it")
    func cancelled() async throws {
        let script = "hang=6,id=cancelled"
        let asking = try Asking(Asking.file([Asking.entry("main", script)]))
        let shown = asking.ask()
        _ = try await standIn.sent("openai", script, tokens: 6, on: asking.upstream)
        shown.stream.withLock { $0?.cancel() }
        let end = await shown.end()
        #expect(end.ending?.state == .cancelled)
        #expect(Self.answer.hasPrefix(end.texts[0]))
        #expect((end.ending?.usage?.tokensIn ?? 0) > 0)
        #expect(try await standIn.ended("openai", script, on: asking.upstream).map(\.end) == ["gone"])
        #expect(asking.assistant.health[0].cancelled == 1)
        #expect(await asking.upstream.upstream.ask { $0.openTransfers } == 0)
    }

    @Test("cancelled while it waits to try again: it ends at once")
    func cancelledInBackoff() async throws {
        let script = "status=429,retry-after=25,id=backoff"
        let asking = try Asking(Asking.file([Asking.entry("main", script)]))
        let shown = asking.ask()
        _ = try await standIn.ended("openai", script, on: asking.upstream)
        shown.stream.withLock { $0?.cancel() }
        #expect(await shown.end().ending?.state == .cancelled)
    }

    @Test("a content filter's word is final: nobody else is asked")
    func filtered() async throws {
        let asking = try Asking(
            Asking.file([Asking.entry("strict", "status=400,code=content_filter"), Asking.entry("lax", "id=lax")])
        )
        let shown = await asking.ask().end()
        #expect(shown.ending?.state == .failed)
        #expect(shown.ending?.error?.code == "filtered")
        #expect(asking.assistant.health[1].requests == 0)
    }

    @Test("what is sent: the conversation with people's data masked, and nobody's name")
    func sent() async throws {
        let asking = try Asking(Asking.file([Asking.entry("main", "id=masked")]))
        _ = await asking.ask("пишите на a@b.co").end()
        let seen = try await standIn.ended("openai", "id=masked", on: asking.upstream)
        #expect(seen[0].body?.messages?.last?.content == "пишите на [email]")
    }

    /// Answers everything with its name, as the embedded one would.
    private final class Local: Assistant {
        func answer(_ question: Question, on stream: AnswerStream) {
            stream.append("local: \(question.text)")
            stream.finish(AnswerEnding(.done))
        }
    }

    @Test(
        "the embedded answerer has the word where no provider is configured, where it is named, and where all others failed"
    )
    func local() async throws {
        let bad = Asking.entry("bad", "status=401,id=local")
        for json in [
            "{}", Asking.file([bad], route: #""providers":["local","bad"]"#),
            Asking.file([bad], route: #""providers":["bad","local"]"#),
            Asking.file([bad], route: #""providers":["bad","local"],"order":"cost""#),
            Asking.file([bad], route: #""providers":["bad"],"rooms":["map"]"#),
        ] {
            let shown = await (try Asking(json, local: Local())).ask("q").end()
            #expect(shown.texts == ["local: q"])
            #expect(shown.ending?.state == .done)
        }
        let none = await (try Asking("{}")).ask("q").end()
        #expect(none.ending?.error?.code == "unavailable")
    }

    @Test("the embedded answerer supersedes what a failed provider had begun")
    func localAfterText() async throws {
        let asking = try Asking(
            Asking.file([Asking.entry("bad", "cut=line,id=l")], route: #""providers":["bad","local"]"#),
            local: Local()
        )
        let shown = await asking.ask("q").end()
        #expect(shown.texts.count == 2 && shown.texts[1] == "local: q")
    }

    /// Knows one thing, in versions.
    private final class Known: ContextSource {
        private let state = Mutex(UInt64(1))
        var version: UInt64 {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }

        func passages(for question: Question, reply: @escaping @Sendable ([Passage]) -> Void) {
            reply([Passage(id: "a1", title: "Доставка", text: "три дня")])
        }
    }

    @Test("a kept answer is given again until its time is over or what is known has changed; its articles are told")
    func kept() async throws {
        let known = Known()
        let asking = try Asking(
            Asking.file([Asking.entry("main", "id=kept")], route: #""providers":["main"],"cache_ms":3600000"#),
            context: known
        )
        let first = await asking.ask(id: "s1").end()
        let second = await asking.ask(id: "s2").end()
        let articles = #""articles":[{"id":"a1","title":"Доставка"}]"#
        #expect(first.ending?.data.map { String(decoding: $0, as: UTF8.self) } == #"{"finish":"stop",\#(articles)}"#)
        #expect(
            second.ending?.data.map { String(decoding: $0, as: UTF8.self) }
                == #"{"finish":"stop",\#(articles),"cached":true}"#
        )
        #expect(second.texts == first.texts)
        #expect(asking.assistant.health[0].requests == 1)
        known.version = 2
        _ = await asking.ask(id: "s3").end()
        #expect(asking.assistant.health[0].requests == 2)
        _ = await asking.ask("anything else", id: "s4").end()
        #expect(asking.assistant.health[0].requests == 3)
    }

    @Test("with one of two providers failing every question is answered, and after a few the failing one is left alone")
    func mostlyAnswered() async throws {
        let asking = try Asking(
            Asking.file(
                [Asking.entry("bad", "status=500,id=mostly"), Asking.entry("good", "id=mostly")],
                route: #""providers":["bad","good"],"retries":0"#
            )
        )
        let ends = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for index in 0..<300 {
                group.addTask { await asking.ask(id: "m\(index)").end().ending?.state == .done }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(ends == 300)
        let before = asking.assistant.health[0].requests
        #expect(asking.assistant.health[0].breakerState == "open")
        for index in 0..<20 { _ = await asking.ask(id: "n\(index)").end() }
        #expect(asking.assistant.health[0].requests == before)
    }

    @Test("an answer without a word is a failure")
    func empty() async throws {
        let asking = try Asking(
            Asking.file(
                [Asking.entry("mute", "text=,repeat=0"), Asking.entry("good", "id=empty")],
                route: #""providers":["mute","good"],"retries":0"#
            )
        )
        #expect(await asking.ask().end().ending?.provider == "good")
        #expect(asking.assistant.health[0].failures == [.garbage: 1])
    }
}
