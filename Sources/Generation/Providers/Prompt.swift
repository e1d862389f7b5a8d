/// What a provider is asked: nothing in it is of any one provider.
public struct Prompt: Sendable, Equatable {
    /// Who said something.
    public enum Speaker: String, Sendable {
        /// The person.
        case user
        /// The provider, earlier.
        case assistant
    }

    /// One thing that was said.
    public struct Turn: Sendable, Equatable {
        /// Who said it.
        public var speaker: Speaker
        /// What was said.
        public var text: String

        /// A turn.
        public init(_ speaker: Speaker, _ text: String) {
            self.speaker = speaker
            self.text = text
        }
    }

    /// Instructions; nil for none.
    public var system: String?
    /// The conversation, oldest first; the last one is the question.
    public var turns: [Turn]

    /// A prompt.
    public init(system: String? = nil, turns: [Turn]) {
        self.system = system
        self.turns = turns
    }
}
