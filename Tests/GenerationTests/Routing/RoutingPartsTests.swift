import Testing

@testable import Generation

struct RoutingPartsTests {
    private static let second: Int64 = 1_000_000_000

    private func file(_ json: String) throws -> ProvidersFile {
        try ProvidersFile(Array(json.utf8), environment: [:], prompts: .none)
    }

    private func three() throws -> [ProviderEntry] {
        func entry(_ name: String, _ more: String) -> String {
            #"{"name":"\#(name)","dialect":"openai","model":"m"\#(more)}"#
        }
        let entries = [
            entry("a", #","price":{"input":2,"output":6}"#), entry("b", ""),
            entry("c", #","price":{"input":1,"output":1}"#),
        ]
        return try file(#"{"providers":[\#(entries.joined(separator: ","))]}"#).providers
    }

    @Test("a route's order: as listed, the cheapest first, the quickest first")
    func order() throws {
        let entries = try three()
        let latencies: [String: Duration] = ["a": .seconds(1), "b": .milliseconds(500)]
        func names(_ order: Route.Order) -> [String] {
            Route.sorted(entries, by: order) { latencies[$0.name] }.map(\.name)
        }
        #expect(names(.priority) == ["a", "b", "c"])
        #expect(names(.cost) == ["c", "a", "b"])
        #expect(names(.latency) == ["c", "b", "a"])
    }

    @Test("a route is for the rooms and tenants that it names, or for all")
    func matching() {
        var route = Route()
        #expect(route.matches(tenant: "t", kind: "ticket"))
        route.rooms = ["ticket"]
        #expect(route.matches(tenant: "t", kind: "ticket"))
        #expect(!route.matches(tenant: "t", kind: "map"))
        route.tenants = ["u"]
        #expect(!route.matches(tenant: "t", kind: "ticket"))
        #expect(route.matches(tenant: "u", kind: "ticket"))
    }

    @Test("the first token has its limit whatever else comes; after it any byte counts")
    func deadlines() {
        var limits = ProviderTimeouts()
        (limits.firstToken, limits.idle) = (.seconds(10), .seconds(3))
        var deadlines = AnswerDeadlines(limits, now: 0)
        deadlines.received(9 * Self.second, hasText: false)
        #expect(deadlines.moment == 10 * Self.second)
        deadlines.received(9 * Self.second, hasText: true)
        #expect(deadlines.moment == 12 * Self.second)
        deadlines.received(11 * Self.second, hasText: true)
        #expect(deadlines.moment == 14 * Self.second)
    }

    @Test("a price is for a million tokens, rounded up to a millionth of the currency")
    func price() {
        #expect(Price(input: 2, output: 6).micros(input: 1_000_000, output: 500_000) == 5_000_000)
        #expect(Price(input: 0.15, output: 0.6).micros(input: 1, output: 0) == 1)
        #expect(Price(input: 1e6, output: 1e6).micros(input: .max, output: .max) == .max)
    }

    @Test("health counts what happened, and the breaker hears only of the provider's own faults")
    func health() throws {
        var health = ProviderHealth(try three()[0])
        for _ in 0..<6 {
            health.began(0)
            health.ended(.failed(ProviderFailure(.request)), input: 10, output: 0, 0)
        }
        #expect(health.breakerState == "closed")
        for _ in 0..<5 {
            health.began(0)
            health.ended(.failed(ProviderFailure(.overloaded, code: "x")), input: 0, output: 1, 0)
        }
        health.began(0)
        health.ended(.cancelled, input: 1, output: 1, 0)
        #expect(health.breakerState == "open")
        #expect(health.failures == [.request: 6, .overloaded: 5])
        #expect((health.requests, health.open, health.cancelled, health.answers) == (12, 0, 1, 0))
        #expect((health.tokensIn, health.tokensOut) == (61, 6))
        #expect(health.lastFailure?.kind == .overloaded && health.lastFailure?.code == "x")
        health.gotFirstToken(after: .seconds(1))
        health.gotFirstToken(after: .seconds(2))
        #expect(health.firstToken.map { abs($0 / .seconds(1) - 1.2) < 0.001 } == true)
    }
}
