import Testing

@testable import Generation

struct CircuitBreakerTests {
    private static let second: Int64 = 1_000_000_000
    private typealias State = CircuitBreaker.State

    private func breaker(_ steps: (inout CircuitBreaker) -> Void) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        steps(&breaker)
        return breaker
    }

    private var opened: CircuitBreaker {
        breaker { breaker in for _ in 0..<5 { breaker.failed(0) } }
    }

    private var trying: CircuitBreaker {
        var breaker = opened
        breaker.began(10 * Self.second)
        return breaker
    }

    @Test("every event in every state leads where the diagram says")
    func table() {
        let s = Self.second
        let closed = State.closed(failures: 0)
        let open = State.open(until: 10 * s, pause: .seconds(10))
        let half = State.halfOpen(until: 20 * s, pause: .seconds(10))
        let rows: [(CircuitBreaker, State, (inout CircuitBreaker) -> Void)] = [
            (CircuitBreaker(), closed, { $0.began(0) }),
            (CircuitBreaker(), closed, { $0.succeeded() }),
            (CircuitBreaker(), .closed(failures: 1), { $0.failed(0) }),
            (CircuitBreaker(), closed, { $0.abandoned(0) }),
            (opened, open, { $0.began(9 * s) }),
            (opened, half, { $0.began(10 * s) }),
            (opened, closed, { $0.succeeded() }),
            (opened, open, { $0.failed(3 * s) }),
            (opened, open, { $0.abandoned(3 * s) }),
            (trying, half, { $0.began(11 * s) }),
            (trying, .halfOpen(until: 30 * s, pause: .seconds(10)), { $0.began(20 * s) }),
            (trying, closed, { $0.succeeded() }),
            (trying, .open(until: 32 * s, pause: .seconds(20)), { $0.failed(12 * s) }),
            (trying, .open(until: 12 * s, pause: .seconds(10)), { $0.abandoned(12 * s) }),
        ]
        for (index, (start, wanted, event)) in rows.enumerated() {
            var breaker = start
            event(&breaker)
            #expect(breaker.state == wanted, "row \(index)")
        }
    }

    @Test("it lets requests through when closed, none when open, and one when half open")
    func allows() {
        let s = Self.second
        #expect(breaker { breaker in for _ in 0..<4 { breaker.failed(0) } }.allows(0))
        #expect(!opened.allows(10 * s - 1))
        #expect(opened.allows(10 * s))
        #expect(!trying.allows(19 * s))
        #expect(trying.allows(20 * s))
    }

    @Test("a success in between makes the failures start again")
    func inARow() {
        let breaker = breaker { breaker in
            for _ in 0..<20 {
                for _ in 0..<4 { breaker.failed(0) }
                breaker.succeeded()
            }
        }
        #expect(breaker.allows(0))
    }

    @Test("the pause doubles with each failed trial, to a minute at most")
    func pauses() {
        var breaker = opened
        var pauses: [Duration] = []
        var now: Int64 = 0
        for _ in 0..<5 {
            guard case .open(let until, let pause) = breaker.state else { break }
            pauses.append(pause)
            now = until
            breaker.began(now)
            breaker.failed(now)
        }
        #expect(pauses == [10, 20, 40, 60, 60].map { .seconds($0) })
    }
}
