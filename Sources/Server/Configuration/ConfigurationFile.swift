import Configuration
import Foundation

/// The JSON file of settings: an object whose nesting gives the dotted keys, so `{"log": {"level": "info"}}`
/// and `{"log.level": "info"}` mean the same.
enum ConfigurationFile {
    /// Reads the file as a layer.
    ///
    /// Errors: a file that cannot be read or is no JSON object, and keys that no setting has, by their name.
    static func layer(path: String) throws(ConfigurationError) -> SettingSources.Layer {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("--config", "the file \(path) cannot be read")
        }
        let root: ConfigurationNode
        do {
            root = try JSONDecoder().decode(ConfigurationNode.self, from: data)
        } catch {
            throw ConfigurationError("--config", "the file \(path) is not valid JSON")
        }
        guard case .object(let members) = root else {
            throw ConfigurationError("--config", "the file \(path) must hold a JSON object")
        }
        var leaves: [String: ConfigurationNode] = [:]
        try collect(members, under: "", into: &leaves)
        for (key, node) in leaves.sorted(by: { $0.key < $1.key }) {
            guard let setting = SettingsTable.setting(for: key) else {
                throw ConfigurationError(key, "no such setting")
            }
            guard node.fits(setting.kind) else { throw ConfigurationError(key, "must be \(setting.kind.words)") }
        }
        do {
            let snapshot = try JSONSnapshot(data: data.bytes, providerName: path, parsingOptions: .default)
            return SettingSources.Layer(lookup: snapshot.value, keys: leaves.keys.sorted(), spelling: { $0 })
        } catch {
            throw ConfigurationError("--config", "the file \(path) is not valid: \(error)")
        }
    }

    private static func collect(
        _ members: [String: ConfigurationNode],
        under prefix: String,
        into leaves: inout [String: ConfigurationNode]
    ) throws(ConfigurationError) {
        for (name, node) in members {
            let key = prefix.isEmpty ? name : "\(prefix).\(name)"
            if case .object(let inner) = node, SettingsTable.setting(for: key) == nil {
                guard !inner.isEmpty else { throw ConfigurationError(key, "no such setting") }
                try collect(inner, under: key, into: &leaves)
            } else if leaves.updateValue(node, forKey: key) != nil {
                throw ConfigurationError(key, "is set twice")
            }
        }
    }
}

/// A JSON value with its type kept, so that `true` is no number and `1` no flag.
indirect enum ConfigurationNode: Decodable {
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([ConfigurationNode])
    case object([String: ConfigurationNode])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([ConfigurationNode].self) {
            self = .list(list)
        } else if let object = try? container.decode([String: ConfigurationNode].self) {
            self = .object(object)
        } else {
            self = .other
        }
    }

    /// Whether the JSON type is the one that the setting wants; limits are looked at later.
    func fits(_ kind: Setting.Kind) -> Bool {
        switch (self, kind) {
        case (.flag, .flag), (.number, .number), (.text, .text), (.text, .choice): true
        case (.list(let items), .list):
            items.allSatisfy { item in
                if case .text = item { true } else { false }
            }
        default: false
        }
    }
}
