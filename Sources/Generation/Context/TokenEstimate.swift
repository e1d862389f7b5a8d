/// How many tokens a text is about, without any provider's tokenizer: a token for four ASCII characters or two others, and four
/// for what surrounds a message. Real tokenizers differ by a third either way; budgets are meant to be that loose.
enum TokenEstimate {
    static let perMessage = 4

    static func of(_ text: String) -> Int {
        var ascii = 0
        var others = 0
        for scalar in text.unicodeScalars {
            if scalar.isASCII { ascii += 1 } else { others += 1 }
        }
        return (ascii + 3) / 4 + (others + 1) / 2
    }

    static func of(_ prompt: Prompt) -> Int {
        let system = prompt.system.map { of($0) + perMessage } ?? 0
        return prompt.turns.reduce(system) { $0 + of($1.text) + perMessage }
    }
}
