import Logging

/// Which backend a start uses, and why.
struct BackendChoice {
    let kind: BackendKind
    let fallbackReason: String?

    /// What is forced, else io_uring where a trial of it works, else epoll with the reason in the log.
    static func make(_ configuration: ReactorConfiguration) throws(ReactorError) -> BackendChoice {
        let forced: BackendKind? =
            if let backend = configuration.backend { backend } else { try BackendKind.forcedByEnvironment() }
        if forced == .epoll { return BackendChoice(kind: .epoll, fallbackReason: nil) }
        guard let obstacle = try UringProbe.obstacle() else {
            return BackendChoice(kind: .io_uring, fallbackReason: nil)
        }
        if forced == .io_uring {
            throw ReactorError("io_uring is forced but does not work here: \(obstacle).")
        }
        configuration.logger.notice("io_uring does not work here, using epoll", metadata: ["reason": "\(obstacle)"])
        return BackendChoice(kind: .epoll, fallbackReason: obstacle)
    }
}

extension BackendKind {
    /// On the loop's own thread: a ring belongs to the thread that made it.
    func makeBackend(
        _ configuration: ReactorConfiguration,
        signal: LoopSignal
    ) throws(ReactorError) -> any Backend {
        switch self {
        case .epoll: try EpollBackend(signal: signal)
        case .io_uring: try UringBackend(configuration, signal: signal)
        }
    }
}
