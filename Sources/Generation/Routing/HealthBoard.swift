import Synchronization

/// The health of every provider, for the upstream thread that changes it and whoever shows it.
///
/// Isolation: any thread; one short lock, taken a few times a request and never for a token.
final class HealthBoard: Sendable {
    private let board: Mutex<[String: ProviderHealth]>
    private let names: [String]

    init(_ entries: [ProviderEntry]) {
        names = entries.map(\.name)
        board = Mutex(Dictionary(entries.map { ($0.name, ProviderHealth($0)) }) { first, _ in first })
    }

    /// Everybody's, in the order of the file.
    var all: [ProviderHealth] {
        board.withLock { board in names.compactMap { board[$0] } }
    }

    func isAvailable(_ entry: ProviderEntry, now: Int64) -> Bool {
        board.withLock { $0[entry.name]?.breaker.allows(now) ?? false }
    }

    func latency(of entry: ProviderEntry) -> Duration? {
        board.withLock { $0[entry.name]?.firstToken }
    }

    func change(_ entry: ProviderEntry, _ body: (inout ProviderHealth) -> Void) {
        board.withLock { board in
            guard var health = board[entry.name] else { return }
            body(&health)
            board[entry.name] = health
        }
    }
}
