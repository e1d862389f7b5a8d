/// One thing an operator can set: its key, type, default and limits. The same table drives the reading of flags,
/// environment and file, the error messages and the page docs/configuration.md.
public struct Setting: Sendable {
    /// What a value looks like.
    public enum Kind: Sendable, Equatable {
        /// Any text.
        case text
        /// A whole number within the bounds.
        case number(ClosedRange<Int>)
        /// `true` or `false`.
        case flag
        /// One of these words.
        case choice([String])
        /// Texts: a JSON array in the file, separated by commas in the environment.
        case list
    }

    /// The dotted key, as in the file: `log.level`. A `*` stands for one part that the operator chooses.
    public let key: String
    /// What a value looks like.
    public let kind: Kind
    /// What holds where nobody says anything, as it would be written.
    public let standard: String
    /// The flag of `apus serve`, where it has one.
    public let flag: String?
    /// What it does and what happens at its limit; one line of the table in docs/configuration.md.
    public let meaning: String

    /// A setting.
    public init(_ key: String, _ kind: Kind, standard: String, flag: String? = nil, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.flag = flag
        self.meaning = meaning
    }

    /// The name of its environment variable: `APUS_LOG_LEVEL`.
    public var variable: String {
        Setting.variable(for: key)
    }

    /// Whether the key is a pattern with a part that the operator chooses.
    public var isPattern: Bool {
        key.contains("*")
    }

    /// The environment variable of a key, with its prefix.
    public static func variable(for key: String) -> String {
        "APUS_" + key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The concrete key that `key` means where this setting is a pattern: the part in place of the star.
    func chosenPart(of candidate: String) -> String? {
        guard let star = key.firstIndex(of: "*") else { return nil }
        let head = key[..<star]
        let tail = key[key.index(after: star)...]
        guard candidate.hasPrefix(head), candidate.hasSuffix(tail), candidate.count > head.count + tail.count else {
            return nil
        }
        let part = candidate.dropFirst(head.count).dropLast(tail.count)
        return part.contains(".") ? nil : String(part)
    }
}

extension Setting.Kind {
    /// The words for the table and for error messages.
    var words: String {
        switch self {
        case .text: "a text"
        case .number(let bounds): "a whole number, \(bounds.lowerBound)–\(bounds.upperBound)"
        case .flag: "true or false"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .list: "a list of texts"
        }
    }
}
