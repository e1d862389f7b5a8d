import Testing

@testable import Generation

/// Every dialect's reader over what the stand-in really sends, whole, byte by byte, and cut at every place.
@Suite(.timeLimit(.minutes(2)))
struct ReaderTests {
    static let dialects = [
        "openai", "openai-compatible", "openai-responses", "anthropic", "openrouter", "groq", "yandexgpt",
    ]
    static let answer = "no Да🚚"

    let upstream: TestUpstream

    init() throws {
        upstream = try TestUpstream()
    }

    private func provider(_ dialect: String, _ script: String) throws -> any Provider {
        let type = try #require(Dialects.all[dialect])
        return type.init(ProviderSettings(base: StandIn.shared.base(dialect, script), model: "m", folder: "f"))
    }

    private func body(_ dialect: String, _ script: String) async throws -> (any Provider, TestUpstream.Response) {
        let provider = try provider(dialect, "text=no%20%D0%94%D0%B0%F0%9F%9A%9A,\(script)")
        var request = provider.request(Prompt(turns: [.init(.user, "?")]), key: "the-key")
        request.addresses = .open
        return (provider, await upstream.fetch(request))
    }

    /// What the reader says, after it was seen to say the same of every cut.
    private func told(_ dialect: String, _ script: String) async throws -> Told {
        let (provider, response) = try await body(dialect, script)
        #expect(response.status == 200)
        let whole = Told(provider.makeReader(), [response.body])
        for pieces in Splits.all(of: response.body) where Told(provider.makeReader(), pieces) != whole {
            Issue.record("\(dialect) \(script): cut into \(pieces.map(\.count)) it says something else")
        }
        return whole
    }

    @Test("the whole answer comes with its usage, whatever surrounds it", arguments: dialects)
    func whole(dialect: String) async throws {
        for script in ["ok", "comments,crlf,bytes=3,open-ended"] {
            let told = try await told(dialect, script)
            #expect(told.text == ReaderTests.answer)
            #expect(told.endings == [.finished(.stop)])
            #expect(told.usage.input == 9)
            #expect(told.usage.output == 2)
            #expect(told.usage.cost == (dialect == "openrouter" ? 0.00014 : nil))
        }
    }

    @Test("without usage the answer is whole all the same", arguments: dialects)
    func noUsage(dialect: String) async throws {
        let told = try await told(dialect, "no-usage")
        #expect(told.text == ReaderTests.answer)
        #expect(told.usage == TokenUsage())
        #expect(told.endings == [.finished(.stop)])
    }

    @Test("a connection that ends early is a truncated answer; what came stays", arguments: dialects)
    func truncated(dialect: String) async throws {
        for script in ["cut=character", "cut=line", "cut=end"] {
            let told = try await told(dialect, script)
            #expect(ReaderTests.answer.hasPrefix(told.text))
            #expect(told.endings == [.failed(ProviderFailure(.truncated))])
        }
    }

    @Test(
        "a finish reason without the closing event is an end only where the dialect has no other",
        arguments: dialects
    )
    func noDone(dialect: String) async throws {
        let told = try await told(dialect, "no-done")
        #expect(told.text == ReaderTests.answer)
        let closes = ["openai-responses", "anthropic", "yandexgpt"].contains(dialect)
        #expect(told.endings == [closes ? .failed(ProviderFailure(.truncated)) : .finished(.stop)])
    }

    @Test("an error in the middle is a failure under status 200, whatever comes behind it", arguments: dialects)
    func errorInTheMiddle(dialect: String) async throws {
        let told = try await told(dialect, "error=1")
        #expect(!told.text.isEmpty)
        #expect(told.endings.count == 1)
        guard case .failed(let failure) = told.endings.first else {
            Issue.record("not a failure: \(told.endings)")
            return
        }
        #expect(failure.kind == (["anthropic", "openrouter", "yandexgpt"].contains(dialect) ? .overloaded : .server))
        #expect(failure.isTransient)
    }

    @Test("what is no JSON is a failure, and nothing behind it counts", arguments: dialects)
    func garbage(dialect: String) async throws {
        let told = try await told(dialect, "garbage=1")
        #expect(!told.text.isEmpty && told.text.count < ReaderTests.answer.count)
        #expect(told.endings == [.failed(ProviderFailure(.garbage, code: "json"))])
    }

    @Test("a content filter ends the answer", arguments: dialects.filter { $0 != "groq" })
    func filtered(dialect: String) async throws {
        #expect(try await told(dialect, "filter").endings == [.finished(.filtered)])
    }

    @Test("YandexGPT's text is cumulative, and where it changes, all of it is given again")
    func rewritten() async throws {
        let told = try await told("yandexgpt", "rewrite")
        #expect(told.rewrites == 2)
        #expect(told.text == ReaderTests.answer)
    }

    @Test("YandexGPT's last line may lack its end")
    func lastLine() {
        let line = #"{"result":{"alternatives":[{"message":{"text":"a"},"status":"ALTERNATIVE_STATUS_FINAL"}]}}"#
        let told = Told(YandexGPT(ProviderSettings(base: "", model: "m")).makeReader(), [Array(line.utf8)])
        #expect(told.text == "a")
        #expect(told.endings == [.finished(.stop)])
    }

    @Test("a body that goes on for ever within one line is given up", arguments: dialects)
    func endless(dialect: String) throws {
        var reader = try provider(dialect, "ok").makeReader()
        let chunk = Array(("data: " + String(repeating: "x", count: 100_000)).utf8)
        let pieces = (0..<20).flatMap { _ in reader.read(chunk) }
        #expect(pieces == [.failed(ProviderFailure(.garbage, code: "line_too_long"))])
    }

    @Test(
        "an error response is told by its status and words",
        arguments: dialects,
        [
            ("status=500", ProviderFailure.Kind.server), ("status=529", .overloaded), ("status=503", .overloaded),
            ("status=401", .unauthorized), ("status=403", .unauthorized), ("status=402", .quota),
            ("status=400", .request), ("status=404", .request), ("status=413", .request), ("status=422", .request),
            ("status=408", .timeout), ("status=504", .timeout), ("status=429,retry-after=3", .rateLimited),
        ]
    )
    func status(dialect: String, expected: (script: String, kind: ProviderFailure.Kind)) async throws {
        let (provider, response) = try await body(dialect, expected.script)
        let failure = provider.failure(
            UpstreamHead(status: response.status, fields: response.fields),
            body: response.body
        )
        #expect(failure.kind == expected.kind)
        #expect(failure.status == response.status)
        #expect(failure.retryAfter == (expected.kind == .rateLimited ? .seconds(3) : nil))
    }

    @Test("a spent account is told from too many requests, though both are 429")
    func quota() async throws {
        for (dialect, script) in [("openai", "status=429,code=insufficient_quota"), ("anthropic", "status=429")] {
            let (provider, response) = try await body(dialect, script)
            let head = UpstreamHead(status: response.status, fields: response.fields)
            #expect(provider.failure(head, body: response.body).kind == .quota)
        }
    }
}
