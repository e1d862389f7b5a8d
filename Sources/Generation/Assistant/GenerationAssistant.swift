import HubCore
import Logging

/// Answers questions with the providers of a file, each room by its route; the hub's port `Assistant`.
///
/// Isolation: any thread. Everything about an answer lives on the upstream thread, in an `AnswerDesk`.
public final class GenerationAssistant: Assistant {
    private let upstream: Upstream
    private let house: AnswerHouse

    /// An assistant over an upstream thread, which it does not own.
    ///
    /// `local` answers where a route names it, and where no route matches; `context` is asked what is known about a question
    /// before a provider is.
    public init(
        _ file: ProvidersFile,
        prompts: SystemPrompts,
        upstream: Upstream,
        local: (any Assistant)? = nil,
        context: (any ContextSource)? = nil,
        logger: Logger
    ) {
        self.upstream = upstream
        house = AnswerHouse(file: file, prompts: prompts, local: local, context: context, logger: logger)
    }

    /// Takes a question on.
    public func answer(_ question: Question, on stream: AnswerStream) {
        withDesk { $0.take(question, on: stream) }
        let id = stream.id
        stream.onCancel { [weak self] in self?.withDesk { $0.cancel(id) } }
    }

    /// How every provider is doing, in the order of the file.
    public var health: [ProviderHealth] { house.board.all }

    private func withDesk(_ body: @escaping @Sendable (AnswerDesk) -> Void) {
        let house = house
        upstream.post { loop in
            body(loop.resident(ObjectIdentifier(house)) { AnswerDesk(house, loop: loop) })
        }
    }
}
