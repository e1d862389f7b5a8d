import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct AcceptingTests {
    @Test("A thousand connections come and go, and no descriptor stays behind", arguments: BackendKind.allCases)
    func noLeak(_ backend: BackendKind) async {
        // In a process of its own: other tests open and close descriptors at the same time.
        switch backend {
        case .io_uring: await #expect(processExitsWith: .success) { try comeAndGo(.io_uring) }
        case .epoll: await #expect(processExitsWith: .success) { try comeAndGo(.epoll) }
        }
    }

    @Test(
        "Out of descriptors: who is connected is served, the others wait and get in later",
        arguments: BackendKind.allCases
    )
    func exhaustion(_ backend: BackendKind) async {
        switch backend {
        case .io_uring: await #expect(processExitsWith: .success) { try runOut(.io_uring) }
        case .epoll: await #expect(processExitsWith: .success) { try runOut(.epoll) }
        }
    }

    @Test("A slot and descriptor that are reused get nothing of their earlier owner", arguments: BackendKind.allCases)
    func reuse(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { connection in
            ScriptedHandler(log) { connection, bytes in
                // Ends with receive and send in flight, so that completions come after the end.
                connection.write([UInt8](repeating: bytes[0], count: 4 << 20))
                connection.write(bytes)
                if bytes[0] == 1 { connection.abort() }
            }
        } _: { server in
            for _ in 0..<100 {
                let ended = try server.client()
                try ended.send([1])
                ended.reset()
                let kept = try server.client()
                try kept.send([2])
                #expect(try kept.receive(1000).allSatisfy { $0 == 2 })
                kept.reset()
            }
            let reasons = try log.waitForClosed(200).reasons
            #expect(reasons.count == 200)
            #expect(server.run { $0.statistics.openConnections } == 0)
        }
    }

    @Test("stopAccepting refuses new connections and keeps the others", arguments: BackendKind.allCases)
    func stopAccepting(_ backend: BackendKind) throws {
        try withServer(backend) { _ in
            ScriptedHandler(EventLog()) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let client = try server.client()
            try client.send("a")
            #expect(try client.receiveText(1) == "a")
            server.run { $0.stopAccepting() }
            // The listener is gone once the loop has been through a turn.
            server.run { _ in () }
            #expect(throws: Client.Failure(call: "connect", code: ECONNREFUSED)) { _ = try server.client() }
            try client.send("b")
            #expect(try client.receiveText(1) == "b")
            client.close()
        }
    }

    @Test("A submission queue smaller than a turn's work is submitted in between", arguments: BackendKind.allCases)
    func smallQueue(_ backend: BackendKind) throws {
        let ready = EventLog()
        let members = Mutex<[ConnectionID]>([])
        try withServer(backend, configure: { $0.submissionQueueEntries = 4 }) { connection in
            members.withLock { $0.append(connection.id) }
            ready.add(.note("in"))
            return ScriptedHandler()
        } _: { server in
            let clients = try (0..<200).map { _ in try server.client() }
            try ready.wait { $0.count == 200 }
            let ids = members.withLock { $0 }
            for round in 0..<5 {
                let bytes = pattern(150 + round)
                server.run { loop in
                    let first = ByteRun(copying: bytes)
                    let second = ByteRun(copying: bytes)
                    for id in ids {
                        loop.connection(id)?.share(first)
                        loop.connection(id)?.share(second)
                    }
                }
                for client in clients { #expect(try client.receive(2 * bytes.count) == bytes + bytes) }
            }
            for client in clients { client.close() }
        }
    }
}

/// Sockets and rings; libdispatch opens descriptors of other kinds when it likes.
private func openDescriptors() -> Set<String> {
    let names = (0..<4096).map { descriptor in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let length = readlink("/proc/self/fd/\(descriptor)", buffer.baseAddress!, 255)
            guard length >= 0 else { return "" }
            return "\(descriptor) " + String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
    return Set(names.filter { $0.contains("socket:") || $0.contains("[io_uring]") })
}

private func comeAndGo(_ backend: BackendKind) throws {
    let before = openDescriptors()
    try serveThousand(backend)
    // Loops, their mailboxes and whoever could wake them are gone by now.
    let after = openDescriptors()
    #expect(after == before)
}

private func serveThousand(_ backend: BackendKind) throws {
    let log = EventLog()
    let server = try TestServer(backend) { _ in
        ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
    }
    for round in 0..<20 {
        let clients = try (0..<50).map { _ in try server.client() }
        for client in clients { try client.send("x") }
        for client in clients { _ = try client.receive(1) }
        for (number, client) in clients.enumerated() { number % 2 == 0 ? client.close() : client.reset() }
        try log.waitForClosed((round + 1) * 50)
    }
    server.stop()
}

private func runOut(_ backend: BackendKind) throws {
    // Before anything is accepted: io_uring takes the limit that was in force when the accept was armed.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = 100
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let log = EventLog()
    let server = try TestServer(backend, configure: { $0.acceptPause = .milliseconds(20) }) { _ in
        log.add(.note("in"))
        return ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
    }
    let first = try server.client()
    try first.send("a")
    #expect(try first.receiveText(1) == "a")

    // This side has its sockets, everything else is taken: the loop's accept finds none left.
    let later = try (0..<5).map { _ in try UnconnectedClient() }
    var fillers: [Int32] = []
    while let filler = Optional(dup(0)), filler >= 0 { fillers.append(filler) }
    for client in later { try client.connect(port: server.port) }
    let start = MonotonicInstant.current
    while server.run({ $0.statistics.acceptPauses }) < 2 {
        try #require(start.duration(to: .current) < .seconds(30), "accepting never paused")
    }
    #expect(log.all.count(where: { $0 == .note("in") }) == 1)
    try first.send("b")
    #expect(try first.receiveText(1) == "b")

    for filler in fillers { close(filler) }
    for client in later {
        try client.send("c")
        #expect(try client.receive(1) == Array("c".utf8))
    }
    server.stop()
}

/// A socket that has its descriptor before it connects.
private struct UnconnectedClient {
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    }

    func connect(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Client.Failure(call: "connect", code: errno) }
    }

    func send(_ text: String) throws {
        guard Glibc.send(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            throw Client.Failure(call: "send", code: errno)
        }
    }

    func receive(_ count: Int) throws -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            used = max(0, recv(descriptor, buffer.baseAddress, count, 0))
        }
    }
}
