import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct ListeningTests {
    @Test("A taken port is refused with a sentence that names host and port")
    func taken() throws {
        let sockets = try Listening.bind(host: "127.0.0.1", port: 0, loops: 2)
        defer { for socket in sockets { socket.close() } }
        let port = Int(sockets[0].address.port)
        let error = #expect(throws: ListenError.self) {
            _ = try Listening.bind(host: "127.0.0.1", port: port, loops: 2)
        }
        #expect(error?.kind == .taken)
        #expect(error?.description == "Port \(port) on 127.0.0.1 is already in use.")
    }

    @Test("What cannot be an address is refused with a sentence")
    func badAddresses() {
        let cases: [(host: String, port: Int, kind: ListenError.Kind)] = [
            ("example.org", 8080, .unknownHost),
            ("", 8080, .unknownHost),
            ("203.0.113.7", 8080, .unknownHost),
            ("127.0.0.1", -1, .badPort),
            ("127.0.0.1", 65_536, .badPort),
        ]
        for (host, port, kind) in cases {
            let error = #expect(throws: ListenError.self) {
                _ = try Listening.bind(host: host, port: port, loops: 1)
            }
            #expect(error?.kind == kind)
            #expect(error?.description.contains(kind == .badPort ? "\(port)" : host) == true)
        }
    }

    @Test("Port 0: all sockets share the port that the kernel chose")
    func portZero() throws {
        let sockets = try Listening.bind(host: "localhost", port: 0, loops: 3)
        defer { for socket in sockets { socket.close() } }
        #expect(sockets.count == 3)
        #expect(Set(sockets.map(\.address)).count == 1)
        #expect(sockets[0].address.port > 0)
        #expect(sockets[0].address.host == "127.0.0.1")
    }

    @Test("Connections are spread over the loops and know their ends", arguments: BackendKind.allCases)
    func spread(_ backend: BackendKind) throws {
        let log = EventLog()
        let seen = Mutex<[Int]>([])
        let server = try TestServer(backend, loops: 2) { connection in
            seen.withLock { $0.append(connection.id.loop) }
            #expect(connection.loop.index == connection.id.loop)
            #expect(connection.peer.isLoopback && !connection.peer.isIPv6)
            return ScriptedHandler(log) { connection, _ in
                connection.write(Array("\(connection.peer.port) \(connection.id.loop) ".utf8))
                connection.finish()
            }
        }
        defer { server.stop() }
        for _ in 0..<64 {
            let client = try server.client()
            try client.send("x")
            let answer = String(decoding: try client.receiveToEnd(), as: UTF8.self).split(separator: " ")
            #expect(answer.first.map(String.init) == String(client.localPort))
            client.close()
        }
        #expect(Set(seen.withLock { $0 }) == [0, 1])
    }

    @Test("IPv6, and IPv4 on the same socket", arguments: BackendKind.allCases)
    func ipv6(_ backend: BackendKind) throws {
        let peers = Mutex<[PeerAddress]>([])
        let server = try TestServer(backend, host: "::") { connection in
            peers.withLock { $0.append(connection.peer) }
            return ScriptedHandler(EventLog()) { connection, bytes in connection.write(bytes) }
        }
        defer { server.stop() }
        for isIPv6 in [true, false] {
            let client = try Client(port: server.port, ipv6: isIPv6)
            try client.send("x")
            #expect(try client.receiveText(1) == "x")
            client.close()
        }
        let hosts = peers.withLock { $0 }.map(\.host)
        #expect(hosts == ["::1", "127.0.0.1"])
        #expect(peers.withLock { $0 }.count { $0.isLoopback } == 2)
    }
}

extension Client {
    fileprivate var localPort: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : 0
    }
}
