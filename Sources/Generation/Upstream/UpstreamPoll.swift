import CLinux
import Glibc

/// The sockets that libcurl wants to hear of, in one epoll set. Owns its descriptor.
struct UpstreamPoll: ~Copyable {
    private let descriptor: Int32
    private var watched: Set<Int32> = []

    init() throws(UpstreamStartFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw UpstreamStartFailure(code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Hears of a socket from now on, or of other things than before; of nothing where both are false.
    mutating func watch(_ socket: Int32, reading: Bool, writing: Bool) {
        guard reading || writing else {
            if watched.remove(socket) != nil { epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil) }
            return
        }
        var event = epoll_event()
        event.events = (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        event.data.fd = socket
        let isNew = watched.insert(socket).inserted
        let code = epoll_ctl(descriptor, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
        // libcurl may close a socket and open another with the same number without a word in between.
        if code != 0 { epoll_ctl(descriptor, isNew ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) }
    }

    /// One socket's news.
    struct Event {
        let socket: Int32
        let isReadable: Bool
        let isWritable: Bool
        let isBroken: Bool
    }

    /// Waits for news at most this long (nil: until there is some) and gives at most 256 of them.
    func wait(nanoseconds: Int64?) -> [Event] {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            let limit = nanoseconds.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
            let count = epoll_wait(descriptor, events.baseAddress, 256, limit)
            return (0..<Int(max(0, count))).map { index in
                let flags = events[index].events
                return Event(
                    socket: events[index].data.fd,
                    isReadable: flags & EPOLLIN.rawValue != 0,
                    isWritable: flags & EPOLLOUT.rawValue != 0,
                    isBroken: flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
                )
            }
        }
    }
}
