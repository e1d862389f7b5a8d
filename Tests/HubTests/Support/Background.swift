import Foundation
import Synchronization

/// Something that a test does on a thread of its own beside the rest.
final class Background: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let failure = Mutex<(any Error)?>(nil)

    init(_ body: @escaping @Sendable () throws -> Void) {
        let thread = Thread { [self] in
            do {
                try body()
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Runs something asynchronous where nothing blocks.
    init(_ body: @escaping @Sendable () async -> Void) {
        Task.detached(executorPreference: globalConcurrentExecutor) { [self] in
            await body()
            done.signal()
        }
    }

    /// Waits for its end and throws what went wrong there.
    func finish() throws {
        guard done.wait(timeout: .now() + 60) == .success else { throw HeldStore.TimedOut() }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
