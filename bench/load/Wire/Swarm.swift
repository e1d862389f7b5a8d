import CLinux
import Glibc

/// Many peers on one epoll loop.
final class Swarm {
    let target: Target
    private let poll = epoll_create1(0)
    private var events = [epoll_event](repeating: epoll_event(), count: 512)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private let address: sockaddr_in
    private let host: String
    private let inflation: Inflation?
    private(set) var peers: [Peer] = []

    init(_ target: Target, deflate: Bool = false) throws {
        try Swarm.raiseDescriptorLimit()
        self.target = target
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = target.port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        self.address = address
        host = "127.0.0.1:\(target.port)"
        inflation = deflate ? try Inflation() : nil
    }

    private static func raiseDescriptorLimit() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw LoadError("the limit of open files could not be raised")
        }
    }

    // MARK: Connecting

    /// Opens one more connection.
    ///
    /// Each block of 20 000 peers comes from an address of its own in 127.0.0.0/8: one has too few ports.
    func connect() throws -> Peer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw LoadError("no socket: \(String(cString: strerror(errno)))") }
        var source = sockaddr_in()
        source.sin_family = sa_family_t(AF_INET)
        source.sin_addr.s_addr = (UInt32(0x7f00_0001) + UInt32(peers.count / 20_000)).bigEndian
        var target = address
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The port is chosen when connecting: one that an earlier run left behind is free for another server.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, socklen_t(MemoryLayout<Int32>.size))
        let isConnected =
            withUnsafePointer(to: &source) { source in
                source.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) == 0 }
            }
            && withUnsafePointer(to: &target) { target in
                target.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) == 0 }
            }
        guard isConnected else { throw LoadError("no connection: \(String(cString: strerror(errno)))") }
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let peer = Peer(descriptor: descriptor, index: peers.count, inflation: inflation)
        peers.append(peer)
        resume(peer)
        return peer
    }

    /// Opens a WebSocket; `opened` comes when the server has agreed.
    func open(_ path: String) throws -> Peer {
        let peer = try connect()
        peer.upgrade(host: host, path: path, headers: target.dialect.headers)
        return peer
    }

    /// Sends an HTTP request on the connection; `response` comes when it has been answered.
    func request(_ method: String, _ path: String, token: String, body: String = "", on peer: Peer) {
        let length = body.isEmpty ? "" : "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        peer.request(
            "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nAuthorization: Bearer \(token)\r\n\(length)\r\n\(body)"
        )
    }

    /// Reads nothing more of the peer; what comes stays with the server.
    func pause(_ peer: Peer) {
        epoll_ctl(poll, EPOLL_CTL_DEL, peer.descriptor, nil)
    }

    func resume(_ peer: Peer) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(peer.index)
        epoll_ctl(poll, EPOLL_CTL_ADD, peer.descriptor, &event)
    }

    func close(_ peer: Peer) {
        Glibc.close(peer.descriptor)
    }

    /// Brings peers into rooms: opens `count` of them, `atOnce` of them under way, and waits until all are in.
    ///
    /// `place` says which room a peer is for and who it is there.
    func join(_ count: Int, atOnce: Int = 200, _ place: (Int) -> (room: Int, name: String, token: String?)) throws {
        let first = peers.count
        var joined = 0
        while joined < count {
            while peers.count - first < count, peers.count - first - joined < atOnce {
                let (room, name, _) = place(peers.count - first)
                try open(target.dialect.path(room: name)).room = room
            }
            let goal = joined + 1
            try run(until: { joined >= goal }) { peer, inbound in
                guard !peer.isJoined else { return }
                switch inbound {
                case .opened:
                    let (_, name, token) = place(peer.index - first)
                    peer.isJoined = target.dialect.join(peer, room: name, token: token)
                case .message(let payload): peer.isJoined = try target.dialect.isJoined(by: payload, peer)
                case .response: break
                }
                if peer.isJoined { joined += 1 }
            }
        }
    }

    // MARK: Reading

    /// Waits until the moment at most, and hands over everything that is there.
    ///
    /// Less than a millisecond before it this does not sleep: epoll counts in milliseconds.
    func turn(until moment: UInt64, _ take: (Peer, Peer.Inbound) throws -> Void) throws {
        let now = Clock.now
        let timeout = now < moment ? (moment - now) / 1_000_000 : 0
        let ready = epoll_wait(poll, &events, Int32(events.count), Int32(min(timeout, 20_000)))
        guard ready > 0 else { return }
        for index in 0..<Int(ready) {
            try read(peers[Int(events[index].data.u64)], take)
        }
    }

    /// Reads what the peer's socket holds, `most` bytes of it.
    func read(_ peer: Peer, most: Int = .max, _ take: (Peer, Peer.Inbound) throws -> Void) throws {
        let count = recv(peer.descriptor, buffer.baseAddress, min(most, buffer.count), 0)
        guard count > 0 else { throw LoadError("the server cut a connection") }
        try peer.receive(UnsafeRawBufferPointer(rebasing: buffer[0..<count])) { try take(peer, $0) }
    }

    /// Whether there is something to read; a peer that is paused is asked this way.
    func hasBytes(_ peer: Peer) throws -> Bool {
        var byte: UInt8 = 0
        let count = recv(peer.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        guard count != 0 else { throw LoadError("the server cut a connection") }
        return count > 0
    }

    /// Reads until `isDone`; gives up where that takes longer than 30 s.
    func run(until isDone: () -> Bool, _ take: (Peer, Peer.Inbound) throws -> Void) throws {
        let limit = Clock.now + 30_000_000_000
        while !isDone() {
            try turn(until: limit, take)
            guard Clock.now < limit else { throw LoadError("what was waited for did not come within 30 s") }
        }
    }
}
