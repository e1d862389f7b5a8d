extension Route {
    /// Takes an entry of `routes` apart.
    init(_ reader: inout FieldReader, _ known: Set<String>, _ prompts: SystemPrompts) throws(ProvidersFileError) {
        self.init()
        rooms = try reader.texts("rooms") ?? []
        tenants = try reader.texts("tenants") ?? []
        if let word = try reader.text("order") {
            guard let order = Order(rawValue: word) else {
                throw reader.wrong("order", "one of " + Order.allCases.map(\.rawValue).joined(separator: ", "))
            }
            self.order = order
        }
        providers = try reader.texts("providers") ?? []
        guard !providers.isEmpty, Set(providers).count == providers.count else {
            throw reader.wrong("providers", "a list of different names of providers")
        }
        if let unknown = providers.first(where: { $0 != Route.local && !known.contains($0) }) {
            throw ProvidersFileError(reader.place("providers"), "there is no provider «\(unknown)»")
        }
        system = try reader.text("system")
        if let system, prompts[system] == nil {
            throw ProvidersFileError(reader.place("system"), "there is no file «\(system)» in generation.prompts")
        }
        if var history = try reader.inner("history") {
            self.history.messages = try history.number("messages", 0...500) ?? self.history.messages
            self.history.tokens = try history.number("tokens", 0...1_000_000) ?? self.history.tokens
            try history.end()
        }
        masks = try reader.flag("mask") ?? true
        cacheTime = try reader.milliseconds("cache_ms", 1...86_400_000)
        retries = try reader.number("retries", 0...10) ?? retries
        try reader.end()
    }
}
