import Foundation
import Reactor
import Testing

@Suite struct TLSDataTests {
    let certificate: TestCertificate

    init() throws {
        certificate = try TestCertificate()
    }

    @Test("Megabytes pass both ways at once", arguments: BackendKind.allCases)
    func megabytes(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            // OpenSSL's state is one for both ways, so the second way is a thread that only sends.
            let sent = pattern(4 << 20)
            var sealed: [UInt8] = []
            peer.transmit = { sealed += $0 }
            for start in stride(from: 0, to: sent.count, by: 1 << 18) {
                try peer.write(Array(sent[start..<start + 1 << 18]))
            }
            let (client, bytes) = (peer.client, sealed)
            let writer = Thread { try? client.send(bytes) }
            writer.start()
            #expect(try peer.receive(sent.count) == sent)
            client.close()
            try log.waitForClosed()
        }
    }

    @Test("A slow reader gets everything; the rest waits unsealed and is counted", arguments: BackendKind.allCases)
    func slowReader(_ backend: BackendKind) throws {
        let log = EventLog()
        let block = pattern(64 << 10)
        let blocks = 64
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, _ in
                let run = ByteRun(copying: block)
                for _ in 0..<blocks { connection.share(run) }
                // The tickets of the handshake may still be in the queue, too.
                log.add(.note("\(connection.queuedBytes >= block.count * blocks)"))
                log.add(.note("\(connection.oldestQueued == connection.loop.now)"))
            }
        } _: { server in
            let peer = try TLSPeer.connected(to: server, receiveBuffer: 4096)
            try peer.write("go")
            #expect(try log.wait { $0.count == 3 }.suffix(2) == [.note("true"), .note("true")])
            for _ in 0..<blocks { #expect(try peer.receive(block.count) == block) }
            // The queue fell below the low-water mark once.
            #expect(try log.wait { $0.contains(.drained) }.count { $0 == .drained } == 1)
            let sealed = server.run { $0.statistics.bytesOut }
            let records = UInt64(block.count * blocks / 16_384)
            #expect(sealed < UInt64(block.count * blocks) + records * 64)
        }
    }

    @Test("What is written in a turn goes out in one record", arguments: BackendKind.allCases)
    func oneRecord(_ backend: BackendKind) throws {
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(EventLog()) { connection, _ in
                let run = ByteRun(copying: [UInt8]("shared".utf8))
                for _ in 0..<5 {
                    connection.share(run)
                    connection.write([UInt8]("own".utf8))
                }
            }
        } _: { server in
            let peer = try TLSPeer.connected(to: server, version: .tls12)
            try peer.write("go")
            let text = String(repeating: "sharedown", count: 5)
            // Type, version, length; then 8 bytes of nonce and 16 of tag around the text.
            let head = try peer.client.receive(5)
            #expect(head == [23, 3, 3, 0, UInt8(text.utf8.count + 24)])
        }
    }

    @Test("What is written before the handshake is over comes behind it", arguments: BackendKind.allCases)
    func greeting(_ backend: BackendKind) throws {
        try withServer(backend, tls: certificate.endpoint()) { connection in
            connection.write([UInt8]("welcome".utf8))
            #expect(connection.isEncrypted)
            return ScriptedHandler()
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            #expect(try peer.receiveText(7) == "welcome")
        }
    }

    @Test("finish() sends everything, then close_notify, then FIN", arguments: BackendKind.allCases)
    func finish(_ backend: BackendKind) throws {
        let log = EventLog()
        let bytes = pattern(1 << 20)
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, _ in
                connection.write(bytes)
                connection.finish()
                connection.write([UInt8]("too late".utf8))
            }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("go")
            #expect(try peer.receiveToEnd() == bytes)
            #expect(try peer.client.receive(atMost: 1) == [])
            peer.client.close()
            #expect(try log.waitForClosed().reasons == [.finished])
        }
    }

    @Test("finish() without anything queued says close_notify, too", arguments: BackendKind.allCases)
    func finishAtRest(_ backend: BackendKind) throws {
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(EventLog()) { connection, _ in connection.finish() }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("go")
            #expect(try peer.receiveToEnd() == [])
        }
    }

    @Test("abort() says nothing: the peer sees that it was cut off", arguments: BackendKind.allCases)
    func abort(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, _ in connection.abort() }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("go")
            #expect(throws: Client.Failure(call: "recv", code: ECONNRESET)) { try peer.receiveToEnd() }
            #expect(try log.waitForClosed().reasons == [.aborted])
        }
    }

    @Test("After the peer's close_notify it can still be written to", arguments: BackendKind.allCases)
    func halfOpen(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            let handler = ScriptedHandler(log)
            handler.onEnd = { connection in
                connection.write([UInt8]("last words".utf8))
                connection.finish()
            }
            return handler
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("all")
            try peer.closeNotify()
            #expect(try String(decoding: peer.receiveToEnd(), as: UTF8.self) == "last words")
            peer.client.close()
            #expect(try log.waitForClosed() == [.received([UInt8]("all".utf8)), .end, .closed(.finished)])
        }
    }

    @Test("A FIN without close_notify is the peer's end, told once", arguments: BackendKind.allCases)
    func truncated(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log)
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            // The second record is cut short.
            let (first, second) = (try peer.sealed("first"), try peer.sealed("second"))
            try peer.client.send(first + second.dropLast(3))
            peer.client.finish()
            #expect(try log.waitForClosed() == [.received([UInt8]("first".utf8)), .end, .closed(.finished)])
        }
    }

    @Test(
        "A record that was changed on its way ends the connection with bad_record_mac",
        arguments: BackendKind.allCases
    )
    func damaged(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write("good")
            #expect(try peer.receiveText(4) == "good")
            var sealed = try peer.sealed("evil")
            sealed[sealed.count - 1] ^= 1
            try peer.client.send(sealed)
            #expect(throws: TLSPeer.Failure.tls(alert: 20)) { try peer.receiveToEnd() }
            peer.client.close()
            #expect(try log.waitForClosed().reasons == [.tls(.malformed)])
            #expect(log.bytes == [UInt8]("good".utf8))
        }
    }

    @Test(
        "While reading is paused nothing comes; then all of it, in order, and the end last",
        arguments: BackendKind.allCases
    )
    func pausing(_ backend: BackendKind) throws {
        let log = EventLog()
        let bytes = pattern(1 << 20)
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, bytes in
                // Pauses at each piece and goes on a turn later.
                connection.pauseReading()
                final class Resume: TimerTarget {
                    let connection: Connection
                    init(_ connection: Connection) { self.connection = connection }
                    func timerFired(_ tag: UInt32) { connection.resumeReading() }
                }
                _ = connection.loop.schedule(after: .zero, Resume(connection), tag: 0)
            }
        } _: { server in
            let peer = try TLSPeer.connected(to: server)
            try peer.write(bytes)
            try peer.closeNotify()
            let events = try log.waitForClosed()
            #expect(events.bytes == bytes)
            #expect(Array(events.suffix(2)) == [.end, .closed(.finished)])
        }
    }

    @Test("Who asks for new keys without end and reads nothing is cut off", arguments: BackendKind.allCases)
    func controlFlood(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log)
        } _: { server in
            let peer = try TLSPeer.connected(to: server, version: .tls13, receiveBuffer: 4096)
            // Until the server has enough of it: the socket's buffers come first.
            while !log.all.contains(where: \.isClosed) {
                do { try peer.updateKeys() } catch { break }
            }
            #expect(try log.waitForClosed().reasons == [.tls(.controlFlood)])
            #expect(server.run { $0.statistics.tlsFailures } == [.controlFlood: 1])
        }
    }

    @Test("New keys are no event for the handler", arguments: BackendKind.allCases)
    func newKeys(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, tls: certificate.endpoint()) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let peer = try TLSPeer.connected(to: server, version: .tls13)
            for text in ["one", "two", "six"] {
                try peer.updateKeys()
                try peer.write(text)
                #expect(try peer.receiveText(3) == text)
            }
            #expect(log.bytes == [UInt8]("onetwosix".utf8))
        }
    }
}
