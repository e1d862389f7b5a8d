import Testing

@testable import Generation

struct AnswerPlanTests {
    private typealias Step = AnswerPlan.Step

    private func plan(_ providers: Int, retries: Int = 2) -> AnswerPlan {
        var policy = RetryPolicy()
        policy.retries = retries
        return AnswerPlan(providers: providers, policy: policy)
    }

    /// A plan whose first provider was asked.
    private func asking(_ providers: Int, retries: Int = 2, text: Bool = false) -> AnswerPlan {
        var plan = plan(providers, retries: retries)
        #expect(plan.begin { _ in true } == .ask(0))
        plan.asked()
        if text { plan.gotText() }
        return plan
    }

    private func step(_ plan: inout AnswerPlan, _ failure: ProviderFailure) -> Step {
        plan.failed(failure, jitter: 0) { _ in true }
    }

    @Test("what the first failure of the first provider leads to, by its kind, with and without text, alone and not")
    func table() {
        let again = Step.wait(0, .milliseconds(500))
        typealias Row = (kind: ProviderFailure.Kind, before: Step, after: Step, alone: Step)
        let rows: [Row] = ProviderFailure.Kind.allCases.map { kind in
            switch kind {
            case .network, .overloaded, .rateLimited, .server, .truncated, .garbage: (kind, again, .ask(1), again)
            case .timeout: (kind, .ask(1), .ask(1), again)
            case .address, .quota, .unauthorized, .request:
                (kind, .ask(1), .ask(1), .giveUp(ProviderFailure(kind)))
            case .filtered:
                (kind, .giveUp(ProviderFailure(kind)), .giveUp(ProviderFailure(kind)), .giveUp(ProviderFailure(kind)))
            }
        }
        for row in rows {
            var (before, after, alone) = (asking(2), asking(2, text: true), asking(1))
            #expect(step(&before, ProviderFailure(row.kind)) == row.before, "\(row.kind) before a token")
            #expect(step(&after, ProviderFailure(row.kind)) == row.after, "\(row.kind) after a token")
            #expect(step(&alone, ProviderFailure(row.kind)) == row.alone, "\(row.kind) alone")
        }
    }

    @Test("a provider is tried again with doubling waits, then the next one from the start, then it is over")
    func backoff() {
        var plan = asking(2)
        var steps: [Step] = []
        for _ in 0..<7 {
            let step = step(&plan, ProviderFailure(.server))
            steps.append(step)
            if case .giveUp = step { break }
            plan.asked()
        }
        let wanted: [Step] = [
            .wait(0, .milliseconds(500)), .wait(0, .seconds(1)), .ask(1), .wait(1, .milliseconds(500)),
            .wait(1, .seconds(1)), .giveUp(ProviderFailure(.server)),
        ]
        #expect(steps == wanted)
        #expect(plan.requests == 6)
    }

    @Test("Retry-After is honoured where it is short, hands over where it is long, and ends where nobody else is there")
    func retryAfter() {
        func failure(_ seconds: Int) -> ProviderFailure { ProviderFailure(.rateLimited, retryAfter: .seconds(seconds)) }
        var plan = asking(2)
        #expect(step(&plan, failure(2)) == .wait(0, .seconds(2)))
        plan = asking(2)
        #expect(step(&plan, failure(3)) == .ask(1))
        plan = asking(1)
        #expect(step(&plan, failure(30)) == .wait(0, .seconds(30)))
        plan = asking(1)
        #expect(step(&plan, failure(31)) == .giveUp(failure(31)))
    }

    @Test("jitter takes off a quarter at most, and never from what a provider asked for")
    func jitter() {
        let policy = RetryPolicy()
        let failure = ProviderFailure(.server)
        #expect(policy.wait(after: failure, tries: 1, jitter: 1) == .milliseconds(375))
        #expect(policy.wait(after: failure, tries: 9, jitter: 0) == .seconds(8))
        let asked = ProviderFailure(.rateLimited, retryAfter: .seconds(1))
        #expect(policy.wait(after: asked, tries: 1, jitter: 1) == .seconds(1))
    }

    @Test("who is paused is passed over, unless nobody else is left")
    func paused() {
        var plan = plan(3)
        #expect(plan.begin { $0 == 2 } == .ask(2))
        plan.asked()
        #expect(plan.failed(ProviderFailure(.unauthorized), jitter: 0) { _ in false } == .ask(0))
    }

    @Test("an answer takes at most eight requests")
    func bounded() {
        var plan = asking(20)
        var step = Step.ask(0)
        while true {
            step = self.step(&plan, ProviderFailure(.quota))
            guard case .ask = step else { break }
            plan.asked()
        }
        #expect(step == .giveUp(ProviderFailure(.quota)))
        #expect(plan.requests == 8)
    }

    @Test("without providers it gives up")
    func none() {
        var plan = plan(0)
        #expect(plan.begin { _ in true } == .giveUp(ProviderFailure(.overloaded, code: "no_provider")))
    }

    @Test("text of an earlier request does not count for the next")
    func textAgain() {
        var plan = asking(2, text: true)
        #expect(step(&plan, ProviderFailure(.server)) == .ask(1))
        plan.asked()
        #expect(!plan.hasText)
        #expect(step(&plan, ProviderFailure(.server)) == .wait(1, .milliseconds(500)))
    }
}
