import Reactor
import Synchronization

/// How many connections the whole process serves at a time.
///
/// Isolation: any thread; one atomic at a connection's beginning and end.
final class ConnectionCap: Sendable {
    /// At most so many.
    let most: Int
    private let open = Atomic<Int>(0)

    /// `most` is at least 1; nil takes what the limit on open files leaves.
    init(most: Int?) {
        self.most = most ?? ConnectionCap.standard(openFiles: OpenFileLimit.raise())
    }

    /// Three quarters of small limits on open files, all but 128 of large ones: the store, the listeners and peers that
    /// are being turned away need some.
    static func standard(openFiles: Int) -> Int {
        max(1, openFiles - min(128, openFiles / 4))
    }

    /// Asks for one more; false where there are enough.
    func enter() -> Bool {
        let now = open.wrappingAdd(1, ordering: .relaxed).newValue
        guard now > most else { return true }
        leave()
        return false
    }

    /// One has gone.
    func leave() {
        _ = open.wrappingSubtract(1, ordering: .relaxed)
    }
}
