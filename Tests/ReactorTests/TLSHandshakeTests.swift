import Foundation
import Reactor
import Testing

@Suite struct TLSHandshakeTests {
    let certificate: TestCertificate

    init() throws {
        certificate = try TestCertificate()
    }

    private func echo(_ log: EventLog = EventLog()) -> @Sendable (Connection) -> (any ConnectionHandler)? {
        { _ in ScriptedHandler(log) { connection, bytes in connection.write(bytes) } }
    }

    private func failures(_ server: TestServer) -> [TLSFailure: UInt64] {
        server.run { $0.statistics.tlsFailures }
    }

    @Test(
        "TLS 1.2 and 1.3 carry bytes both ways, with forward secrecy and authenticated encryption",
        arguments: BackendKind.allCases,
        [TLSPeer.Version.tls12, .tls13]
    )
    func versions(_ backend: BackendKind, _ version: TLSPeer.Version) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint(), handler: echo(log)) { server in
            let peer = try TLSPeer.connected(to: server, version: version)
            for text in ["a", "hello", String(repeating: "x", count: 40_000)] {
                try peer.write(text)
                #expect(try peer.receiveText(text.utf8.count) == text)
            }
            #expect(peer.version == version)
            #expect(peer.cipher.contains("GCM") || peer.cipher.contains("POLY1305"), "\(peer.cipher)")
            #expect(version == .tls13 || peer.cipher.hasPrefix("ECDHE"), "\(peer.cipher)")
            try peer.closeNotify()
            #expect(try peer.receiveToEnd() == [])
            #expect(try log.waitForClosed().reasons == [.finished])
            let statistics = server.run { $0.statistics }
            #expect(statistics.tlsHandshakes == 1)
            #expect(statistics.tlsResumed == 0)
            #expect(statistics.tlsFailures.isEmpty)
        }
    }

    @Test("A handshake and data that come byte by byte are understood", arguments: BackendKind.allCases)
    func byteByByte(_ backend: BackendKind) throws {
        try withServer(backend, tls: certificate.endpoint(), handler: echo()) { server in
            let peer = TLSPeer(try server.client())
            peer.transmit = { [client = peer.client] bytes in for byte in bytes { try client.send([byte]) } }
            try peer.handshake()
            try peer.write("drop by drop")
            #expect(try peer.receiveText(12) == "drop by drop")
        }
    }

    @Test("A ClientHello in records of a few bytes each is put together", arguments: BackendKind.allCases, [1, 3, 100])
    func fragmented(_ backend: BackendKind, _ size: Int) throws {
        try withServer(backend, tls: certificate.endpoint(), handler: echo()) { server in
            let peer = TLSPeer(try server.client(), version: .tls13)
            let hello = try peer.advance().output
            let (head, body) = (hello.prefix(3), Array(hello.dropFirst(5)))
            var records: [UInt8] = []
            for start in stride(from: 0, to: body.count, by: size) {
                let piece = body[start..<min(start + size, body.count)]
                records += head + [UInt8(piece.count >> 8), UInt8(piece.count & 0xFF)] + piece
            }
            try peer.client.send(records)
            try peer.handshake()
            try peer.write("whole")
            #expect(try peer.receiveText(5) == "whole")
        }
    }

    @Test("Garbage instead of a ClientHello ends the connection and is counted", arguments: BackendKind.allCases)
    func garbage(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint(), handler: echo(log)) { server in
            let inputs: [[UInt8]] = [
                [UInt8](repeating: 0xFF, count: 500), [UInt8](repeating: 0, count: 5), pattern(70_000),
                // A record of a handshake whose body is none.
                [22, 3, 1, 0, 4, 99, 0, 0, 0],
                // A ClientHello said to be of 16 MiB.
                [22, 3, 1, 0, 4, 1, 0xFF, 0xFF, 0xFF],
            ]
            for (index, input) in inputs.enumerated() {
                let client = try server.client()
                // The server may have closed before everything was sent.
                try? client.send(input)
                _ = try? client.receiveToEnd()
                client.close()
                try log.waitForClosed(index + 1)
            }
            #expect(failures(server) == [.malformed: UInt64(inputs.count)])
            #expect(log.all.reasons.allSatisfy { $0 == .tls(.malformed) })
            #expect(log.bytes.isEmpty)
        }
    }

    @Test("Who speaks plain HTTP to the port is told so in plain HTTP", arguments: BackendKind.allCases)
    func plainHTTP(_ backend: BackendKind) throws {
        let log = EventLog()
        let endpoint = try certificate.endpoint { $0.replyToPlainHTTP = [UInt8]("HTTP/1.1 400 Bad\r\n\r\n".utf8) }
        try withServer(backend, tls: endpoint, handler: echo(log)) { server in
            let client = try server.client()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try String(decoding: client.receiveToEnd(), as: UTF8.self) == "HTTP/1.1 400 Bad\r\n\r\n")
            client.close()
            #expect(try log.waitForClosed().reasons == [.tls(.plainHTTP)])
            #expect(failures(server) == [.plainHTTP: 1])
        }
    }

    @Test(
        "A version below the least gets the alert protocol_version",
        arguments: BackendKind.allCases,
        [(TLSPeer.Version.tls11, TLSConfiguration.Version.tls12), (.tls12, .tls13)]
    )
    func oldVersions(_ backend: BackendKind, _ versions: (TLSPeer.Version, TLSConfiguration.Version)) throws {
        let log = EventLog()
        let endpoint = try certificate.endpoint { $0.minimumVersion = versions.1 }
        try withServer(backend, tls: endpoint, handler: echo(log)) { server in
            #expect(throws: TLSPeer.Failure.tls(alert: 70)) {
                try TLSPeer.connected(to: server, version: versions.0)
            }
            try log.waitForClosed()
            #expect(failures(server) == [.version: 1])
        }
    }

    @Test(
        "HTTP/1.1 is agreed on where it is offered, and nothing where nothing is",
        arguments: BackendKind.allCases,
        [["http/1.1"], ["h2", "http/1.1"], []]
    )
    func applicationProtocol(_ backend: BackendKind, _ offers: [String]) throws {
        try withServer(backend, tls: certificate.endpoint(), handler: echo()) { server in
            let peer = try TLSPeer.connected(to: server, protocols: offers)
            #expect(peer.applicationProtocol == (offers.isEmpty ? "" : "http/1.1"))
        }
    }

    @Test(
        "Other protocols alone get the alert no_application_protocol",
        arguments: BackendKind.allCases,
        [["h2"], ["http/1.0", "http/1.1x", "ttp/1.1"]]
    )
    func otherProtocols(_ backend: BackendKind, _ offers: [String]) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint(), handler: echo(log)) { server in
            #expect(throws: TLSPeer.Failure.tls(alert: 120)) {
                try TLSPeer.connected(to: server, protocols: offers)
            }
            try log.waitForClosed()
            #expect(failures(server) == [.applicationProtocol: 1])
        }
    }

    @Test(
        "A peer that goes in the middle of the handshake is counted, one that said nothing is not",
        arguments: BackendKind.allCases
    )
    func gone(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint(), handler: echo(log)) { server in
            let endings: [(Client) -> Void] = [{ $0.close() }, { $0.reset() }]
            for (index, end) in endings.enumerated() {
                // All of the ClientHello: the server's answer tells that it was read.
                let whole = TLSPeer(try server.client())
                try whole.client.send(whole.advance().output)
                _ = try whole.client.receive(atMost: 100)
                end(whole.client)
                // Half of it.
                let half = TLSPeer(try server.client())
                try half.client.send(Array(half.advance().output.prefix(40)))
                half.client.finish()
                #expect(try half.client.receiveToEnd() == [])
                half.client.close()
                try log.waitForClosed(3 * index + 2)
                end(try server.client())
                try log.waitForClosed(3 * index + 3)
            }
            #expect(failures(server) == [.disconnected: 4])
        }
    }

    @Test("A handshake that takes too long ends the connection", arguments: BackendKind.allCases)
    func timeout(_ backend: BackendKind) throws {
        let log = EventLog()
        let endpoint = try certificate.endpoint { $0.handshakeTimeout = .milliseconds(30) }
        try withServer(backend, tls: endpoint, handler: echo(log)) { server in
            let silent = try server.client()
            let slow = TLSPeer(try server.client())
            try slow.client.send(Array(slow.advance().output.prefix(40)))
            #expect(try log.waitForClosed(2).reasons == [.tls(.timeout), .tls(.timeout)])
            #expect(failures(server) == [.timeout: 2])
            #expect(try silent.receiveToEnd() == [])
        }
    }

    @Test("One whose handshake is over in time is not ended by its limit", arguments: BackendKind.allCases)
    func noTimeoutAfterwards(_ backend: BackendKind) throws {
        final class After: TimerTarget {
            let log: EventLog
            init(_ log: EventLog) { self.log = log }
            func timerFired(_ tag: UInt32) { log.add(.note("later")) }
        }
        let log = EventLog()
        let endpoint = try certificate.endpoint { $0.handshakeTimeout = .milliseconds(300) }
        try withServer(backend, tls: endpoint, handler: echo(log)) { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("in")
            #expect(try peer.receiveText(2) == "in")
            server.run { loop in _ = loop.schedule(after: .milliseconds(400), After(log), tag: 0) }
            try log.wait { $0.contains(.note("later")) }
            try peer.write("still")
            #expect(try peer.receiveText(5) == "still")
        }
    }

    @Test("A second handshake on a connection is refused", arguments: BackendKind.allCases)
    func renegotiation(_ backend: BackendKind) throws {
        try withServer(backend, tls: certificate.endpoint(), handler: echo()) { server in
            let peer = try TLSPeer.connected(to: server, version: .tls12)
            // no_renegotiation, which the client's library takes for the end.
            #expect(throws: TLSPeer.Failure.tls(alert: 100)) { try peer.renegotiate() }
            #expect(server.run { $0.statistics.tlsHandshakes } == 1)
        }
    }

    @Test(
        "A client resumes on any loop, and also after a reload",
        arguments: BackendKind.allCases,
        [TLSPeer.Version.tls12, .tls13]
    )
    func resumption(_ backend: BackendKind, _ version: TLSPeer.Version) throws {
        let endpoint = try certificate.endpoint()
        try withServer(backend, loops: 2, tls: endpoint, handler: echo()) { server in
            var session: TLSPeer.Session?
            var loops = [0, 0]
            var count = 0
            // The kernel chooses the loop; in the end both have had one that resumed.
            while loops.contains(0) || count < 4 {
                if count == 3 { try endpoint.reload() }
                let peer = try TLSPeer.connected(to: server, version: version, session: session)
                try peer.write("x")
                _ = try peer.receive(1)
                #expect(peer.isResumed == (count > 0))
                // TLS 1.2: the ticket may be used again, and there is no other.
                session = peer.session ?? session
                count += 1
                try peer.closeNotify()
                #expect(try peer.receiveToEnd() == [])
                loops = [0, 1].map { loop in Int(server.run(on: loop) { $0.statistics.tlsResumed }) }
                try #require(count < 200)
            }
            #expect(loops.reduce(0, +) == count - 1)
        }
    }

    @Test("A ticket of another hub is passed over", arguments: [TLSPeer.Version.tls12, .tls13])
    func foreignTicket(_ version: TLSPeer.Version) throws {
        var session: TLSPeer.Session?
        for _ in 0..<2 {
            try withServer(.epoll, tls: certificate.endpoint(), handler: echo()) { server in
                let peer = try TLSPeer.connected(to: server, version: version, session: session)
                try peer.write("x")
                #expect(try peer.receiveText(1) == "x")
                #expect(!peer.isResumed)
                session = peer.session
            }
        }
    }
}
