import Foundation
import HubCore
import HubProtocol
import Testing

@testable import Generation

struct ContextTests {
    private func turns(_ texts: String...) -> [Prompt.Turn] {
        texts.enumerated().map { Prompt.Turn($0.offset % 2 == 0 ? .user : .assistant, $0.element) }
    }

    @Test("the newest messages go along, as many as the budget holds, whole ones")
    func budget() {
        var budget = HistoryBudget()
        let past = turns("aaaa", "bbbb", "cccc", "dddd")
        #expect(budget.fit(past) == past)
        budget.messages = 2
        #expect(budget.fit(past) == Array(past.suffix(2)))
        budget = HistoryBudget()
        budget.tokens = 10
        #expect(budget.fit(past) == Array(past.suffix(2)))
        budget.tokens = 4
        #expect(budget.fit(past) == [])
        budget.tokens = 10
        #expect(budget.fit(turns("a", String(repeating: "x", count: 400), "b")) == turns("a", "", "b").suffix(1))
    }

    @Test("an answer whose question was cut off does not begin a conversation")
    func answerFirst() {
        var budget = HistoryBudget()
        budget.messages = 3
        let past = turns("a", "b", "c", "d")
        #expect(budget.fit(past) == Array(past.suffix(2)))
    }

    @Test("tokens are estimated by the script: four ASCII characters or two others")
    func estimate() {
        #expect(TokenEstimate.of("") == 0)
        #expect(TokenEstimate.of("hello") == 2)
        #expect(TokenEstimate.of("заказ") == 3)
        #expect(TokenEstimate.of(Prompt(system: "abcd", turns: [.init(.user, "abcd")])) == 10)
    }

    private func event(_ kind: String, _ data: String) -> KeptEvent {
        let room = RoomIdentity(key: RoomKey(tenant: .default, name: Asking.room), home: 0)
        return Array(data.utf8).withUnsafeBytes {
            KeptEvent(room: room, offset: 1, at: 0, by: "u", kind: kind, key: nil, data: ByteView($0))
        }
    }

    @Test("a conversation is what people said, and the answers that came whole")
    func conversation() {
        let events = [
            event("message", #"{"text":"a"}"#), event("stream", #"{"stream":"s","state":"open"}"#),
            event("stream", #"{"stream":"s","state":"done","text":"b \"q\" 🚚"}"#),
            event("stream", #"{"stream":"s","state":"cancelled","text":"half"}"#), event("status", #"{"text":"x"}"#),
            event("message", #"{"file":"f"}"#), event("message", #"{"text":""}"#), event("message", #"{"text":7}"#),
        ]
        #expect(ConversationReader.turns(events) == [.init(.user, "a"), .init(.assistant, "b \"q\" 🚚")])
    }

    @Test(
        "passages go where the system prompt has their place, or behind it; people's data is masked unless the route says otherwise"
    )
    func compose() {
        let known = [Passage(id: "1", title: "T", text: "x")]
        var route = Route()
        func prompt(_ system: String?) -> Prompt {
            PromptComposer(route: route, system: system).prompt(
                past: turns("a@b.co"),
                question: "c@d.co",
                passages: known
            )
        }
        #expect(prompt("Use {{passages}}!").system == "Use # T\n\nx!")
        #expect(prompt("Use").system == "Use\n\n# T\n\nx")
        #expect(prompt(nil).system == "# T\n\nx")
        #expect(prompt(nil).turns == [.init(.user, "[email]"), .init(.user, "[email]")])
        route.masks = false
        #expect(prompt(nil).turns == [.init(.user, "a@b.co"), .init(.user, "c@d.co")])
    }

    private func key(_ text: String) -> AnswerCache.Key {
        AnswerCache.Key(tenant: "t", route: 0, system: nil, turns: [text])
    }

    private func answer(_ text: String) -> AnswerCache.Answer {
        AnswerCache.Answer(text: text, provider: "p", model: "m")
    }

    @Test("an answer is given again for its time, to the same question of the same tenant and route only")
    func cache() {
        var cache = AnswerCache()
        cache.keep(answer("a"), for: key("q"), until: 10)
        #expect(cache.find(key("q"), now: 9) == answer("a"))
        for other in [
            AnswerCache.Key(tenant: "u", route: 0, system: nil, turns: ["q"]),
            AnswerCache.Key(tenant: "t", route: 1, system: nil, turns: ["q"]),
            AnswerCache.Key(tenant: "t", route: 0, system: "s", turns: ["q"]),
            AnswerCache.Key(tenant: "t", route: 0, system: nil, turns: ["p", "q"]),
        ] {
            #expect(cache.find(other, now: 9) == nil)
        }
        #expect(cache.find(key("q"), now: 10) == nil)
        #expect(cache.count == 0 && cache.keptBytes == 0)
    }

    @Test("kept answers are bounded by number and by size, the oldest go first")
    func cacheBounds() {
        var cache = AnswerCache(entries: 3, bytes: 1000)
        for index in 0..<10 {
            cache.keep(answer("a"), for: key("\(index)"), until: 10)
            cache.keep(answer("b"), for: key("9"), until: 10)
        }
        #expect(cache.count == 3)
        #expect(cache.find(key("9"), now: 0) == answer("b"))
        #expect(cache.find(key("5"), now: 0) == nil)
        cache.keep(answer(String(repeating: "x", count: 2000)), for: key("large"), until: 10)
        #expect(cache.keptBytes <= 1000)
        cache.removeAll()
        #expect(cache.count == 0 && cache.keptBytes == 0)
    }

    @Test("system prompts are the files of a folder; what is no text of at most 64 KiB is refused")
    func systemPrompts() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "prompts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("Будь вежлив.\n".utf8).write(to: folder.appending(path: "support.md"))
        try Data("x".utf8).write(to: folder.appending(path: ".hidden"))
        let prompts = try SystemPrompts(folder: folder.path)
        #expect(prompts["support.md"] == "Будь вежлив.")
        #expect(prompts[".hidden"] == nil)
        try Data([0xff]).write(to: folder.appending(path: "bad"))
        #expect(throws: ProvidersFileError(folder.appending(path: "bad").path, "must be UTF-8 of at most 65536 bytes"))
        {
            try SystemPrompts(folder: folder.path)
        }
        #expect(throws: ProvidersFileError.self) { try SystemPrompts(folder: folder.path + "/none") }
    }
}
