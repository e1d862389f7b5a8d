import Logging
import Synchronization

/// Starts loops, one thread each.
public enum ReactorThreads {
    /// Chooses a backend, then runs `count` loops on threads named `apus-loop-0` and so on.
    ///
    /// Returns when every loop has been set up and begins to turn. Where one fails, the others are stopped and joined
    /// before the error is thrown.
    ///
    /// - Parameters:
    ///   - count: at least 1, at most 255.
    ///   - setUp: runs on each loop's own thread, before its first turn.
    /// - Throws: `ReactorError` with a sentence, or what `setUp` threw.
    public static func start(
        count: Int,
        configuration: ReactorConfiguration,
        setUp: @escaping @Sendable (EventLoop) throws -> Void
    ) throws -> RunningLoops {
        guard (1...255).contains(count) else { throw ReactorError("A reactor has 1 to 255 loops, not \(count).") }
        let choice = try BackendChoice.make(configuration)
        let signals = try (0..<count).map { _ in try LoopSignal() }
        let start = LoopStart(count: count)
        var threads: [LoopThread] = []
        do {
            for index in 0..<count {
                let signal = signals[index]
                let thread = try LoopThread(name: "apus-loop-\(index)") {
                    run(index: index, configuration, choice.kind, signal, start, setUp)
                }
                threads.append(thread)
            }
        } catch {
            start.fail(error)
            for thread in threads { thread.join() }
            throw error
        }
        if let error = start.outcome() {
            for thread in threads { thread.join() }
            throw error
        }
        return RunningLoops(
            backend: choice.kind,
            fallbackReason: choice.fallbackReason,
            threads: threads,
            signals: signals
        )
    }

    private static func run(
        index: Int,
        _ configuration: ReactorConfiguration,
        _ kind: BackendKind,
        _ signal: LoopSignal,
        _ start: LoopStart,
        _ setUp: (EventLoop) throws -> Void
    ) {
        do {
            let backend = try kind.makeBackend(configuration, signal: signal)
            let loop = EventLoop(index: index, configuration: configuration, backend: backend, signal: signal)
            do {
                try setUp(loop)
                start.succeed()
            } catch {
                start.fail(error)
            }
            // A failed start winds the loop down without a turn, so that what `setUp` opened is closed.
            if start.outcome() != nil { loop.stop() }
            loop.run()
        } catch {
            start.fail(error)
        }
    }
}
