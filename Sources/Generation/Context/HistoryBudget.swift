/// How much of a conversation goes along with a question: its newest messages, whole ones.
public struct HistoryBudget: Sendable, Equatable {
    /// Messages, the question not counted. Default 20; at most 500.
    public var messages = 20
    /// Tokens of them, as estimated. Default 4000.
    public var tokens = 4000

    /// The defaults.
    public init() {}

    /// The newest turns that fit, in their order. A turn that does not fit ends it: what lies before would lack its sequel.
    /// An answer without its question does not begin a conversation.
    func fit(_ turns: [Prompt.Turn]) -> [Prompt.Turn] {
        var left = tokens
        var kept: [Prompt.Turn] = []
        for turn in turns.reversed() {
            let size = TokenEstimate.of(turn.text) + TokenEstimate.perMessage
            guard kept.count < messages, size <= left else { break }
            left -= size
            kept.append(turn)
        }
        return Array(kept.reversed().drop { $0.speaker == .assistant })
    }
}
