/// What is wrong with the file of providers, or with a file that it names. Never repeats a key.
public struct ProvidersFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where: a path within the file such as `providers[0].model`, or a file.
    public let place: String
    /// What is wrong with it, as a sentence that begins behind the place.
    public let sentence: String

    /// An error.
    public init(_ place: String, _ sentence: String) {
        self.place = place
        self.sentence = sentence
    }

    /// Place and sentence, as shown to the operator.
    public var description: String { "\(place): \(sentence)" }
}
