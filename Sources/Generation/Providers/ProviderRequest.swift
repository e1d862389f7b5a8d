import HubProtocol

/// The parts that requests of all dialects have in common.
enum ProviderRequest {
    /// A POST of a JSON object to a path under the base address.
    static func post(
        _ settings: ProviderSettings,
        _ path: String,
        accept: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) -> UpstreamRequest {
        let common = [("Content-Type", "application/json"), ("Accept", accept), ("User-Agent", "apus")]
        let own = settings.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        return UpstreamRequest(
            method: "POST",
            url: settings.base + path,
            headers: common.map { (name: $0.0, value: $0.1) } + headers + own,
            body: body
        )
    }

    static func bearer(_ key: String?) -> [(name: String, value: String)] {
        key.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
    }

    /// The turns as `{"role","content"}`, with the instructions first where the dialect has them there.
    static func messages(_ prompt: Prompt, system: Bool, text: String = "content") -> [[(String, String)]] {
        let first = prompt.system.map { [[("role", "system"), (text, $0)]] } ?? []
        return (system ? first : []) + prompt.turns.map { [("role", $0.speaker.rawValue), (text, $0.text)] }
    }
}

extension JSONObjectWriter {
    /// Appends a number with a fraction; JSON has no others than finite ones.
    mutating func member(_ name: String, _ value: Double) {
        member(name, raw: Array((value.isFinite ? "\(value)" : "0").utf8))
    }

    /// Appends messages.
    mutating func messages(_ name: String, _ messages: [[(String, String)]]) {
        objects(name, messages) { message, object in
            for (name, value) in message { object.member(name, value) }
        }
    }
}
