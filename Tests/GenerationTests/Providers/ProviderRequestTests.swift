import Foundation
import Testing

@testable import Generation

struct ProviderRequestTests {
    private let prompt = Prompt(
        system: "Be kind.",
        turns: [.init(.user, "a"), .init(.assistant, "b"), .init(.user, "c \"")]
    )

    private func request(_ dialect: String, key: String? = "k") throws -> UpstreamRequest {
        let settings = ProviderSettings(base: "http://h/v1", model: "m", maxTokens: 7, temperature: 0.5, folder: "f")
        return try #require(Dialects.all[dialect]).init(settings).request(prompt, key: key)
    }

    private func body(_ request: UpstreamRequest) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary)
    }

    private func headers(_ request: UpstreamRequest) -> [String: String] {
        Dictionary(request.headers.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private let turns = [
        ["role": "user", "content": "a"], ["role": "assistant", "content": "b"], ["role": "user", "content": "c \""],
    ]

    @Test("Chat Completions", arguments: ["openai", "openai-compatible", "openrouter", "groq"])
    func chat(dialect: String) throws {
        let request = try request(dialect)
        let limit = ["openai", "groq"].contains(dialect) ? "max_completion_tokens" : "max_tokens"
        #expect(request.url == "http://h/v1/chat/completions")
        #expect(headers(request)["Authorization"] == "Bearer k")
        #expect(
            try body(request) == [
                "model": "m", "messages": [["role": "system", "content": "Be kind."]] + turns, "stream": true,
                "stream_options": ["include_usage": true], limit: 7, "temperature": 0.5,
            ]
        )
    }

    @Test("OpenAI Responses: nothing is kept at the provider")
    func responses() throws {
        let request = try request("openai-responses")
        #expect(request.url == "http://h/v1/responses")
        #expect(
            try body(request) == [
                "model": "m", "instructions": "Be kind.", "input": turns, "stream": true, "store": false,
                "max_output_tokens": 7, "temperature": 0.5,
            ]
        )
    }

    @Test("Anthropic Messages: the instructions are apart, the key has a header of its own")
    func anthropic() throws {
        let request = try request("anthropic")
        #expect(request.url == "http://h/v1/messages")
        #expect(headers(request)["x-api-key"] == "k")
        #expect(headers(request)["anthropic-version"] == "2023-06-01")
        #expect(
            try body(request) == [
                "model": "m", "system": "Be kind.", "messages": turns, "stream": true, "max_tokens": 7,
                "temperature": 0.5,
            ]
        )
    }

    @Test("YandexGPT: a model's URI, and numbers as texts")
    func yandex() throws {
        let request = try request("yandexgpt")
        #expect(request.url == "http://h/v1/completion")
        #expect(headers(request)["Authorization"] == "Api-Key k")
        #expect(headers(request)["x-folder-id"] == "f")
        let messages = ([["role": "system", "content": "Be kind."]] + turns).map {
            ["role": $0["role"], "text": $0["content"]]
        }
        #expect(
            try body(request) == [
                "modelUri": "gpt://f/m", "messages": messages,
                "completionOptions": ["stream": true, "temperature": 0.5, "maxTokens": "7"],
            ]
        )
        #expect(headers(try self.request("yandexgpt", key: "t1.abc"))["Authorization"] == "Bearer t1.abc")
    }

    @Test("without a key there is no header for it", arguments: ReaderTests.dialects)
    func keyless(dialect: String) throws {
        let names = try request(dialect, key: nil).headers.map { $0.name.lowercased() }
        #expect(!names.contains("authorization") && !names.contains("x-api-key"))
    }
}
