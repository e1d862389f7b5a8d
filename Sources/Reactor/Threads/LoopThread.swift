import CLinux
import Glibc
import Synchronization

/// A thread with a name that runs one loop from its set-up to its end.
final class LoopThread: Sendable {
    /// Tells threads apart.
    struct Identity: Equatable, Sendable {
        private let thread: pthread_t

        static var current: Identity { Identity(thread: pthread_self()) }
    }

    private struct Start {
        let name: String
        let body: @Sendable () -> Void
    }

    /// nil once joined.
    private let thread: Mutex<pthread_t?>

    /// Runs the body on a new thread at once.
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(ReactorError) {
        var created = pthread_t()
        // One retain crosses to the new thread, which takes it over at once.
        let start = Unmanaged.passRetained(Box(Start(name: name, body: body)))
        let result = pthread_create(
            &created,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Box<Start>>.fromOpaque(argument).takeRetainedValue().value
                apus_name_thread(pthread_self(), start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            throw ReactorError("Cannot start the thread \(name): \(SystemError(code: result)).")
        }
        thread = Mutex(created)
    }

    /// Returns when the thread has ended; every call but the first returns at once.
    func join() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        pthread_join(thread, nil)
    }

    private final class Box<Value> {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }
}
