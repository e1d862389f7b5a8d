import CLinux
import Glibc
import Synchronization

/// What other threads want done on the upstream thread, and the descriptor that wakes it.
final class UpstreamInbox: Sendable {
    typealias Body = @Sendable (UpstreamLoop) -> Void

    let descriptor: Int32
    private let waiting = Mutex<[Body]>([])

    init() throws(UpstreamStartFailure) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw UpstreamStartFailure(code: errno) }
    }

    deinit {
        close(descriptor)
    }

    func post(_ body: @escaping Body) {
        let wasEmpty = waiting.withLock { waiting in
            waiting.append(body)
            return waiting.count == 1
        }
        if wasEmpty { wake() }
    }

    /// Takes everything; the descriptor is quiet again before the list is looked at, so nothing is missed.
    func take() -> [Body] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}

/// The system gave no descriptor.
public struct UpstreamStartFailure: Error, Sendable {
    /// The `errno`.
    public let code: Int32
}
