import Reactor
import Testing

/// Tests of the hub over real loops, sockets and disks: one after the other, because each brings threads of its own.
@Suite(.serialized) enum HubOverParts {}

enum Backends {
    /// What this machine has.
    static let offered: [BackendKind] = [.epoll, .io_uring].filter { kind in
        let loops = try? ReactorThreads.start(count: 1, configuration: ReactorConfiguration(backend: kind)) { _ in }
        loops?.stop()
        loops?.join()
        return loops != nil
    }
}
