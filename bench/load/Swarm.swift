import CLinux
import Glibc

/// Many peers on one epoll loop.
final class Swarm {
    private let poll = epoll_create1(0)
    private var events = [epoll_event](repeating: epoll_event(), count: 512)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private let address: sockaddr_in
    private let host: String
    private(set) var peers: [Peer] = []

    init(port: UInt16) throws {
        try Swarm.raiseDescriptorLimit()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        self.address = address
        host = "127.0.0.1:\(port)"
    }

    private static func raiseDescriptorLimit() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw LoadError("the limit of open files could not be raised")
        }
    }

    /// Opens one more connection and sends its opening handshake.
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
        let isConnected =
            withUnsafePointer(to: &source) { source in
                source.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) == 0 }
            }
            && withUnsafePointer(to: &target) { target in
                target.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) == 0 }
            }
        guard isConnected else { throw LoadError("no connection: \(String(cString: strerror(errno)))") }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(peers.count)
        epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)
        let peer = Peer(descriptor: descriptor)
        peers.append(peer)
        peer.upgrade(host: host)
        return peer
    }

    /// Reads until `isDone`, handing over each message; gives up where nothing comes for 20 s.
    func run(until isDone: () -> Bool, _ message: (Peer, UnsafeRawBufferPointer) throws -> Void) throws {
        while !isDone() {
            let ready = epoll_wait(poll, &events, Int32(events.count), 20_000)
            guard ready > 0 else { throw LoadError("nothing came for 20 s") }
            for index in 0..<Int(ready) {
                let peer = peers[Int(events[index].data.u64)]
                let count = recv(peer.descriptor, buffer.baseAddress, buffer.count, 0)
                guard count > 0 else { throw LoadError("the server cut a connection") }
                try peer.receive(UnsafeRawBufferPointer(rebasing: buffer[0..<count])) { try message(peer, $0) }
            }
        }
    }

    /// Says `hello` into `room` on every peer and waits for all answers, `atOnce` of them under way.
    func join(_ count: Int, room: String, atOnce: Int = 200, token: (Int) -> String) throws {
        var joined = 0
        var next = 0
        while joined < count {
            while next < count, next - joined < atOnce {
                let peer = try connect()
                peer.send(text: #"{"id":1,"cmd":"hello","token":"\#(token(next))","rooms":{"\#(room)":{"limit":0}}}"#)
                next += 1
            }
            let goal = joined + 1
            try run(until: { joined >= goal }) { peer, payload in
                guard !peer.isJoined else { return }
                let text = String(decoding: payload, as: UTF8.self)
                guard text.hasPrefix(#"{"id":1,"ok":"#), text.contains(#""recovered":"#) else {
                    throw LoadError("hello was answered with \(text.prefix(300))")
                }
                peer.isJoined = true
                joined += 1
            }
        }
    }
}
