import HubCore

/// Tokens and price of an answer over all its attempts, failed and cancelled ones included.
///
/// What a provider did not count is estimated: the prompt by its length, the answer by its pieces.
struct AttemptCount {
    private var input = 0
    private var output = 0
    private var micros: Int64?
    private var currency: String?
    private var price: Price?
    private var told = TokenUsage()
    private var estimatedInput = 0
    private var pieces = 0

    /// A request goes out.
    mutating func began(price: Price?, prompt: Int) {
        self.price = price
        estimatedInput = prompt
        told = TokenUsage()
        pieces = 0
    }

    mutating func got(_ usage: TokenUsage) {
        told.update(usage)
    }

    mutating func got(pieces count: Int) {
        pieces += count
    }

    /// The request is over; gives what it alone took. One that never reached the provider took nothing.
    mutating func ended(reached: Bool) -> (input: Int, output: Int) {
        let last = reached ? present : (input: 0, output: 0)
        input += last.input
        output += last.output
        add(last)
        began(price: nil, prompt: 0)
        return last
    }

    /// Everything so far.
    var sum: AnswerUsage {
        var whole = self
        let last = present
        whole.add(last)
        return AnswerUsage(
            tokensIn: input + last.input,
            tokensOut: output + last.output,
            costMicros: whole.micros,
            currency: whole.currency ?? "USD"
        )
    }

    private var present: (input: Int, output: Int) {
        (told.input ?? estimatedInput, max(told.output ?? 0, pieces == 0 ? 0 : told.output ?? pieces))
    }

    /// Sums of different currencies make no sense: the first one counts.
    private mutating func add(_ last: (input: Int, output: Int)) {
        let own = told.cost.flatMap { $0.isFinite && $0 >= 0 && $0 < 1e9 ? Int64(($0 * 1e6).rounded(.up)) : nil }
        guard let cost = own ?? price?.micros(input: last.input, output: last.output) else { return }
        let money = own != nil ? "USD" : price?.currency ?? "USD"
        guard currency == nil || currency == money else { return }
        currency = money
        micros = (micros ?? 0) + cost
    }
}
