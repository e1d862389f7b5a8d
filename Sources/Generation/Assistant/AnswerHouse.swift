import HubCore
import HubProtocol
import Logging

/// What all answers have in common: routes, prompts, health, and who else may answer. Immutable but for the health board.
final class AnswerHouse: Sendable {
    let routes: [Route]
    let prompts: SystemPrompts
    let board: HealthBoard
    let local: (any Assistant)?
    let context: (any ContextSource)?
    let logger: Logger
    private let entries: [String: ProviderEntry]

    init(
        file: ProvidersFile,
        prompts: SystemPrompts,
        local: (any Assistant)?,
        context: (any ContextSource)?,
        logger: Logger
    ) {
        routes = file.routes
        entries = Dictionary(file.providers.map { ($0.name, $0) }) { first, _ in first }
        board = HealthBoard(file.providers)
        self.prompts = prompts
        self.local = local
        self.context = context
        self.logger = logger
    }

    /// The first route for such a room, by its place.
    func route(for question: Question) -> Int? {
        routes.firstIndex { $0.matches(tenant: question.tenant.id, kind: String(question.room.kind)) }
    }

    /// Who may answer on a route, in the order to be asked. The embedded answerer keeps its place among listed ones, and is
    /// the last where they are sorted.
    func targets(of route: Route) -> [AnswerTarget] {
        let named = route.providers.compactMap { entries[$0] }
        let sorted = Route.sorted(named, by: route.order) { board.latency(of: $0) }
        var targets = sorted.map { AnswerTarget.provider($0) }
        if local != nil, let place = route.providers.firstIndex(of: Route.local) {
            targets.insert(.local, at: route.order == .priority ? place : targets.count)
        }
        return targets
    }
}
