/// Why the reactor did not start: one sentence for the operator.
public struct ReactorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence, complete with its full stop.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
