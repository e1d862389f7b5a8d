import Configuration

/// Lays flags over environment over file over defaults, and refuses what no setting allows.
public enum SettingsResolver {
    /// The values of all settings.
    ///
    /// Errors: the first unknown name or wrong value, with the operator's own spelling of it.
    public static func resolve(
        flags: [String: SettingValue],
        environment: [String: String],
        file: String?
    ) throws(ConfigurationError) -> SettingValues {
        var layers: [SettingSources.Layer] = [.flags(flags), try .environment(environment)]
        if let path = file ?? environment["APUS_CONFIG"] {
            layers.append(try ConfigurationFile.layer(path: path))
        }
        var values = SettingValues()
        // Weakest first, so that a wrong value is found even where a stronger layer hides it.
        for layer in layers.reversed() {
            for key in layer.keys {
                guard let setting = SettingsTable.setting(for: key) else {
                    throw ConfigurationError(layer.spelling(key), "no such setting")
                }
                values.set(key, to: try value(of: key, setting, in: layer), as: layer.spelling(key))
            }
        }
        return values
    }

    private static func value(
        of key: String,
        _ setting: Setting,
        in layer: SettingSources.Layer
    ) throws(ConfigurationError) -> SettingValue {
        let content: ConfigContent?
        do {
            let absolute = AbsoluteConfigKey(ConfigKey(key))
            content = try layer.lookup(absolute, setting.kind.type).value?.content
        } catch {
            throw ConfigurationError(layer.spelling(key), "must be \(setting.kind.words)")
        }
        guard let content, let value = accepted(content, setting.kind) else {
            throw ConfigurationError(layer.spelling(key), "must be \(setting.kind.words)")
        }
        return value
    }

    private static func accepted(_ content: ConfigContent, _ kind: Setting.Kind) -> SettingValue? {
        switch (content, kind) {
        case (.string(let text), .text): .text(text)
        case (.string(let text), .choice(let words)): words.contains(text) ? .text(text) : nil
        case (.int(let number), .number(let bounds)): bounds.contains(number) ? .number(number) : nil
        case (.bool(let flag), .flag): .flag(flag)
        case (.stringArray(let list), .list): .list(list.filter { !$0.isEmpty })
        default: nil
        }
    }
}

extension Setting.Kind {
    fileprivate var type: ConfigType {
        switch self {
        case .text, .choice: .string
        case .number: .int
        case .flag: .bool
        case .list: .stringArray
        }
    }
}
