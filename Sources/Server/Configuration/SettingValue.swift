/// A value that has passed its setting's limits.
public enum SettingValue: Sendable, Equatable {
    /// Of `text` and `choice` settings.
    case text(String)
    /// Of `number` settings.
    case number(Int)
    /// Of `flag` settings.
    case flag(Bool)
    /// Of `list` settings.
    case list([String])

    /// Reads a setting's default as the table writes it. A default that does not fit its own kind is a defect
    /// of the table, which a test over the whole table finds.
    static func standard(of setting: Setting) -> SettingValue {
        switch setting.kind {
        case .text, .choice: .text(setting.standard)
        case .number: .number(Int(setting.standard) ?? 0)
        case .flag: .flag(setting.standard == "true")
        case .list: .list(setting.standard.split(separator: ",").map(String.init))
        }
    }
}

/// Every setting's value after flags, environment, file and defaults have been laid over each other.
public struct SettingValues: Sendable {
    private var values: [String: SettingValue]
    private var spellings: [String: String] = [:]

    /// All settings at their defaults.
    public init() {
        values = Dictionary(
            uniqueKeysWithValues: SettingsTable.all.filter { !$0.isPattern }
                .map { ($0.key, SettingValue.standard(of: $0)) }
        )
    }

    /// The value of a key; nil for a pattern's key that nobody has set.
    public subscript(key: String) -> SettingValue? {
        values[key]
    }

    /// Sets a key, and remembers how the operator wrote it, for messages about the value.
    mutating func set(_ key: String, to value: SettingValue, as spelling: String) {
        values[key] = value
        spellings[key] = spelling
    }

    /// The flag, variable or key by which the operator set it; the key itself where nobody did.
    func spelling(_ key: String) -> String {
        spellings[key] ?? key
    }

    /// The keys that have a value, sorted.
    public var keys: [String] {
        values.keys.sorted()
    }

    func text(_ key: String) -> String {
        guard case .text(let text) = values[key] else { preconditionFailure("no text setting \(key)") }
        return text
    }

    /// A text; nil where it is empty.
    func optionalText(_ key: String) -> String? {
        let text = text(key)
        return text.isEmpty ? nil : text
    }

    func number(_ key: String) -> Int {
        guard case .number(let number) = values[key] else { preconditionFailure("no number setting \(key)") }
        return number
    }

    func flag(_ key: String) -> Bool {
        guard case .flag(let flag) = values[key] else { preconditionFailure("no flag setting \(key)") }
        return flag
    }

    func list(_ key: String) -> [String] {
        guard case .list(let list) = values[key] else { preconditionFailure("no list setting \(key)") }
        return list
    }

    func milliseconds(_ key: String) -> Duration {
        .milliseconds(number(key))
    }
}
