/// The threads that `ReactorThreads.start` made. Any thread may stop and join them.
public final class RunningLoops: Sendable {
    /// What all loops run on.
    public let backend: BackendKind

    /// Why io_uring is not used although nothing forced epoll; nil where it is used or was not wanted.
    public let fallbackReason: String?

    /// Number of loops.
    public var count: Int { threads.count }

    private let threads: [LoopThread]
    private let signals: [LoopSignal]

    init(backend: BackendKind, fallbackReason: String?, threads: [LoopThread], signals: [LoopSignal]) {
        self.backend = backend
        self.fallbackReason = fallbackReason
        self.threads = threads
        self.signals = signals
    }

    /// Tells every loop to end after its turn: listeners closed, connections reset with `loopStopped`.
    public func stop() {
        for signal in signals { signal.stop() }
    }

    /// Returns when all loops have ended. Not to be called on a loop.
    public func join() {
        for thread in threads { thread.join() }
    }
}
