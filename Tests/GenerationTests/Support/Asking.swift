import HubCore
import HubProtocol
import Logging
import Synchronization

@testable import Generation

/// An assistant over a file of providers, asked without a hub: the stream is the hub's own, and what it is told is recorded.
final class Asking: Sendable {
    static let room: RoomName = {
        guard let room = try? RoomName(validating: "ticket:42") else { fatalError("a room's name") }
        return room
    }()

    let upstream: TestUpstream
    let assistant: GenerationAssistant

    init(_ json: String, local: (any Assistant)? = nil, context: (any ContextSource)? = nil) throws {
        upstream = try TestUpstream()
        let file = try ProvidersFile(Array(json.utf8), environment: ["THE_KEY": "the-key"], prompts: .none)
        assistant = GenerationAssistant(
            file,
            prompts: .none,
            upstream: upstream.upstream,
            local: local,
            context: context,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// A provider of the stand-in.
    static func entry(_ name: String, _ script: String, dialect: String = "openai", more: String = "") -> String {
        #"{"name":"\#(name)","dialect":"\#(dialect)","base":"\#(StandIn.shared.base(dialect, script))","model":"\#(name)-m","#
            + #""key_env":"THE_KEY","private_addresses":["127.0.0.1"]\#(more)}"#
    }

    static func file(_ entries: [String], route: String = "") -> String {
        guard !route.isEmpty else { return #"{"providers":[\#(entries.joined(separator: ","))]}"# }
        return #"{"providers":[\#(entries.joined(separator: ","))],"routes":[{\#(route)}]}"#
    }

    /// Asks, and records until the stream ends.
    func ask(_ text: String = "Где мой заказ?", past: [KeptEvent] = [], id: String = "s1") -> Shown {
        let shown = Shown()
        let stream = AnswerStream(id: id) { shown.take($0) }
        shown.stream.withLock { $0 = stream }
        shown.asking.withLock { $0 = self }
        let person = Principal(
            tenant: .default,
            user: "u7",
            name: "Anna",
            roles: .user,
            rooms: [],
            expires: .max,
            tokenID: nil
        )
        let question = Question(
            tenant: .default,
            room: Asking.room,
            offset: 9,
            person: person,
            text: text,
            data: [],
            stream: id,
            past: { _, reply in reply(.success(past)) }
        )
        assistant.answer(question, on: stream)
        return shown
    }
}

/// What was told to a stream.
final class Shown: Sendable {
    struct State {
        var texts = [""]
        var tokens = 0
        var usages: [AnswerUsage] = []
        var ending: AnswerEnding?
    }

    let stream = Mutex<AnswerStream?>(nil)
    /// Whoever waits for the end keeps the thread that brings it.
    let asking = Mutex<Asking?>(nil)
    private let state = Mutex(State())
    private let news = AsyncStream<Void>.makeStream()

    func take(_ event: AnswerEvent) {
        state.withLock { state in
            switch event {
            case .tokens(let tokens):
                state.texts[state.texts.count - 1] += String(decoding: tokens.text, as: UTF8.self)
                state.tokens += tokens.count
            case .restarted: state.texts.append("")
            case .usage(let usage): state.usages.append(usage)
            case .finished(let ending): state.ending = ending
            }
        }
        news.continuation.yield()
        if case .finished = event { news.continuation.finish() }
    }

    var now: State { state.withLock { $0 } }

    /// Everything, once it is over.
    func end() async -> State {
        for await _ in news.stream {}
        return now
    }
}
