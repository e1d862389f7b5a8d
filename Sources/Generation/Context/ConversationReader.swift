import HubCore
import HubProtocol

/// What was said in a room, as turns: people's messages, and answers that came whole.
enum ConversationReader {
    static func turns(_ events: [KeptEvent]) -> [Prompt.Turn] {
        events.compactMap { turn($0) }
    }

    private static func turn(_ event: KeptEvent) -> Prompt.Turn? {
        guard event.kind == "message" || event.kind == "stream" else { return nil }
        return event.line[event.data].withUnsafeBytes { bytes in
            guard let data = try? JSONObject(ByteView(bytes)), let text = data.string("text"), !text.isEmpty else {
                return nil
            }
            if event.kind == "message" { return Prompt.Turn(.user, text) }
            return data.string("state") == "done" ? Prompt.Turn(.assistant, text) : nil
        }
    }
}
