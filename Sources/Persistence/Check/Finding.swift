/// Something that a check of the database found wrong.
public struct Finding: Sendable, Hashable {
    /// What is wrong, naming the room where it is one.
    public let sentence: String
    /// What to do about it.
    public let advice: String

    /// A finding.
    public init(_ sentence: String, advice: String) {
        self.sentence = sentence
        self.advice = advice
    }
}
