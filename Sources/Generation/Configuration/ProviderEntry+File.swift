import Foundation

extension ProviderEntry {
    /// Takes an entry of `providers` apart.
    init(_ reader: inout FieldReader, _ environment: [String: String]) throws(ProvidersFileError) {
        name = try reader.requiredText("name")
        dialect = try reader.requiredText("dialect")
        guard let type = Dialects.all[dialect] else {
            throw reader.wrong("dialect", "one of " + Dialects.all.keys.sorted().joined(separator: ", "))
        }
        model = try reader.requiredText("model")
        guard var base = try reader.text("base") ?? type.base else {
            throw ProvidersFileError(reader.place("base"), "is missing: this dialect has no address of its own")
        }
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("https://") || base.hasPrefix("http://") else {
            throw reader.wrong("base", "an http or https address")
        }
        var settings = ProviderSettings(base: base, model: model)
        settings.maxTokens = try reader.number("max_tokens", 1...1_000_000)
        settings.temperature = try reader.decimal("temperature", 0...2)
        settings.folder = try reader.text("folder")
        if var headers = try reader.inner("headers") {
            for name in headers.names() { settings.headers[name] = try headers.requiredText(name) }
        }
        provider = type.init(settings)
        key = try ProviderEntry.key(&reader, environment)
        price = try Price(&reader)
        timeouts = try ProviderTimeouts(&reader)
        addresses = try ProviderEntry.addresses(&reader)
        proxy = try reader.text("proxy")
        authorities = try reader.text("ca_file")
        try reader.end()
    }

    private static func key(
        _ reader: inout FieldReader,
        _ environment: [String: String]
    ) throws(ProvidersFileError) -> String? {
        let file = try reader.text("key_file")
        let variable = try reader.text("key_env")
        guard file == nil || variable == nil else {
            throw ProvidersFileError(reader.place("key_env"), "must not stand beside key_file")
        }
        var key: String?
        if let file {
            guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= 4096 else {
                throw ProvidersFileError(reader.place("key_file"), "cannot be read, or is over 4096 bytes")
            }
            key = String(decoding: bytes, as: UTF8.self)
        }
        if let variable {
            guard let value = environment[variable] else {
                throw ProvidersFileError(reader.place("key_env"), "names a variable that is not set: \(variable)")
            }
            key = value
        }
        let trimmed = key?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed?.isEmpty != true, trimmed?.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) != false else {
            throw ProvidersFileError(reader.place(file == nil ? "key_env" : "key_file"), "holds no key")
        }
        return trimmed
    }

    private static func addresses(_ reader: inout FieldReader) throws(ProvidersFileError) -> AddressGuard {
        guard let texts = try reader.texts("private_addresses") else { return .publicOnly }
        var ranges: [AddressRange] = []
        for text in texts {
            guard let range = AddressRange(text) else {
                throw reader.wrong("private_addresses", "addresses or ranges such as 10.0.0.0/8")
            }
            ranges.append(range)
        }
        return .allowing(ranges)
    }
}

extension Price {
    fileprivate init?(_ reader: inout FieldReader) throws(ProvidersFileError) {
        guard var price = try reader.inner("price") else { return nil }
        input = try price.decimal("input", 0...1_000_000) ?? 0
        output = try price.decimal("output", 0...1_000_000) ?? 0
        currency = try price.text("currency") ?? "USD"
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw price.wrong("currency", "three capital letters (ISO 4217)")
        }
        try price.end()
    }
}

extension ProviderTimeouts {
    fileprivate init(_ reader: inout FieldReader) throws(ProvidersFileError) {
        self.init()
        guard var limits = try reader.inner("timeouts") else { return }
        connect = try limits.milliseconds("connect_ms", 10...600_000) ?? connect
        firstToken = try limits.milliseconds("first_token_ms", 10...3_600_000) ?? firstToken
        idle = try limits.milliseconds("idle_ms", 10...3_600_000) ?? idle
        total = try limits.milliseconds("total_ms", 10...86_400_000) ?? total
        try limits.end()
    }
}
