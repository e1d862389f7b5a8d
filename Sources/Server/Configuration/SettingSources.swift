import Configuration

/// Where settings come from, strongest first: flags, environment, file. Each is a provider of
/// swift-configuration, and with it come the names that it holds, so that unknown ones are found.
struct SettingSources {
    /// One layer.
    struct Layer {
        /// Looks values up, typed.
        let lookup: (AbsoluteConfigKey, ConfigType) throws -> LookupResult
        /// The keys this layer sets.
        let keys: [String]
        /// The operator's spelling of a key in this layer, for messages.
        let spelling: @Sendable (String) -> String
    }

    /// Strongest first.
    let layers: [Layer]
}

extension SettingSources.Layer {
    /// The layer of command line flags: already typed by the argument parser.
    static func flags(_ flags: [String: SettingValue]) -> Self {
        let values = flags.map { key, value in
            (AbsoluteConfigKey(ConfigKey(key)), ConfigValue(value.content, isSecret: false))
        }
        return Self(
            lookup: InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values)).value,
            keys: flags.keys.sorted(),
            spelling: { SettingsTable.setting(for: $0)?.flag ?? $0 }
        )
    }

    /// The layer of `APUS_…` variables; others are not looked at.
    ///
    /// Errors: a variable with the prefix that no setting has.
    static func environment(_ environment: [String: String]) throws(ConfigurationError) -> Self {
        var named: [String: String] = [:]
        var keys: [String] = []
        var spellings: [String: String] = [:]
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("APUS_") {
            if variable == "APUS_CONFIG" { continue }
            guard let key = key(of: variable) else { throw ConfigurationError(variable, "no such setting") }
            named[String(variable.dropFirst("APUS_".count))] = value
            keys.append(key)
            spellings[key] = variable
        }
        let found = spellings
        return Self(
            lookup: EnvironmentVariablesProvider(environmentVariables: named).value,
            keys: keys,
            spelling: { found[$0] ?? $0 }
        )
    }

    /// The key that an environment variable stands for. A pattern's own part is lower case.
    private static func key(of variable: String) -> String? {
        for setting in SettingsTable.all {
            guard let star = setting.variable.firstIndex(of: "*") else {
                if setting.variable == variable { return setting.key }
                continue
            }
            let head = setting.variable[..<star]
            let tail = setting.variable[setting.variable.index(after: star)...]
            guard variable.hasPrefix(head), variable.hasSuffix(tail), variable.count > head.count + tail.count else {
                continue
            }
            let part = variable.dropFirst(head.count).dropLast(tail.count).lowercased()
            return setting.key.split(separator: "*", omittingEmptySubsequences: false).joined(separator: part)
        }
        return nil
    }
}

extension SettingValue {
    fileprivate var content: ConfigContent {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .int(number)
        case .flag(let flag): .bool(flag)
        case .list(let list): .stringArray(list)
        }
    }
}
