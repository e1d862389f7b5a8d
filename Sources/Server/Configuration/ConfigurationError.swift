/// Why the hub does not start: a flag, variable or key that is wrong. The executable prints it and exits with 2.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The setting as the operator wrote it: `--port`, `APUS_PORT` or the file's key.
    public let name: String
    /// What is wrong with it, as a sentence that begins behind the name.
    public let sentence: String

    /// An error about one setting.
    public init(_ name: String, _ sentence: String) {
        self.name = name
        self.sentence = sentence
    }

    /// Name and sentence, as shown to the operator.
    public var description: String {
        "\(name): \(sentence)"
    }
}
