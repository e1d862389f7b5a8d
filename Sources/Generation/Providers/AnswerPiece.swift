/// What a provider's stream says, in order. Behind `finished` or `failed` a reader says nothing any more.
public enum AnswerPiece: Sendable, Equatable {
    /// Text to append; never empty, whole characters only.
    case text(String)
    /// All text so far, in place of what was said before: the provider changed its mind.
    case rewrite(String)
    /// Counts so far.
    case usage(TokenUsage)
    /// The answer is whole.
    case finished(FinishReason)
    /// The answer broke.
    case failed(ProviderFailure)
}

/// Why a provider stopped.
public enum FinishReason: String, Sendable {
    /// It had said everything.
    case stop
    /// Its limit of tokens.
    case length
    /// Its filter, or it declined.
    case filtered
    /// It wants a tool, which nobody offered.
    case tool
    /// A word that is not known here.
    case other
}
