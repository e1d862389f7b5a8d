import HubCore

/// Looks up what an answer should rest on: the seam of a knowledge base.
///
/// Isolation: called on the upstream thread, must return at once; `reply` may come from any thread, once.
public protocol ContextSource: Sendable {
    /// Changes whenever what is known changes: answers kept from before are not given again.
    var version: UInt64 { get }
    /// The passages that fit a question, best first; none where nothing does.
    func passages(for question: Question, reply: @escaping @Sendable ([Passage]) -> Void)
}

/// A piece of what is known.
public struct Passage: Sendable, Equatable {
    /// What readers of the answer are told: an article's id.
    public var id: String
    /// Its title.
    public var title: String
    /// Its text.
    public var text: String

    /// A passage.
    public init(id: String, title: String, text: String) {
        self.id = id
        self.title = title
        self.text = text
    }
}
