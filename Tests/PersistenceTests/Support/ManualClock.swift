import Synchronization

@testable import HubPersistence

/// A clock that stands still until a test moves it.
final class ManualClock: StoreClock {
    private struct State {
        var now: Int64 = 1_000_000_000
        var wall: Int64 = 1_763_700_000_000
        var wakes: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var now: Int64 { state.withLock { $0.now } }
    var wallMilliseconds: Int64 { state.withLock { $0.wall } }
    var movesByItself: Bool { false }

    func wakesWhenMoved(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wakes.append(wake) }
    }

    func advance(_ time: Duration) {
        let wakes = state.withLock { state in
            state.now += time.wholeNanoseconds
            state.wall += time.wholeNanoseconds / 1_000_000
            return state.wakes
        }
        for wake in wakes { wake() }
    }
}
