import Foundation
import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct ClosingTests {
    @Test("finish() sends what is queued, then FIN, and closes at the peer's FIN", arguments: BackendKind.allCases)
    func finish(_ backend: BackendKind) throws {
        let bytes = pattern(5 << 20)
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, _ in
                connection.write(bytes)
                connection.finish()
                #expect(!connection.isOpen)
            }
        } _: { server in
            let client = try server.client()
            try client.send("x")
            #expect(try client.receiveToEnd() == bytes)
            try client.send("thrown away")
            #expect(log.all == [.received(Array("x".utf8))])
            client.close()
            #expect(try log.waitForClosed() == [.received(Array("x".utf8)), .closed(.finished)])
        }
    }

    @Test("A peer that never ends is waited for a bounded time", arguments: BackendKind.allCases)
    func lingerTimeout(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, configure: { $0.lingerTimeout = .milliseconds(30) }) { connection in
            connection.finish()
            return ScriptedHandler(log)
        } _: { server in
            let client = try server.client()
            #expect(try client.receiveToEnd().isEmpty)
            #expect(try log.waitForClosed() == [.closed(.finished)])
            client.close()
        }
    }

    @Test("A peer that takes nothing after finish() is reset", arguments: BackendKind.allCases)
    func flushTimeout(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend, configure: { $0.flushTimeout = .milliseconds(100) }) { connection in
            connection.write([UInt8](repeating: 1, count: 32 << 20))
            connection.finish()
            return ScriptedHandler(log)
        } _: { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            #expect(try log.waitForClosed() == [.closed(.stalled)])
            #expect(throws: Client.Failure(call: "recv", code: ECONNRESET)) { _ = try client.receiveToEnd() }
            client.close()
        }
    }

    @Test("abort() resets, drops the queue, and says so at the end of the turn", arguments: BackendKind.allCases)
    func abort(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, _ in
                connection.write(Array("never seen".utf8))
                connection.abort()
                connection.abort()
                connection.finish()
                connection.write(Array("nor this".utf8))
                log.add(.note("still in received"))
            }
        } _: { server in
            let client = try server.client()
            try client.send("x")
            #expect(throws: Client.Failure(call: "recv", code: ECONNRESET)) { _ = try client.receiveToEnd() }
            let events = try log.waitForClosed()
            #expect(events.suffix(2) == [.note("still in received"), .closed(.aborted)])
            client.close()
        }
    }

    @Test("abort() with a send in flight", arguments: BackendKind.allCases)
    func abortWhileSending(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { connection in
            connection.write([UInt8](repeating: 1, count: 32 << 20))
            return ScriptedHandler(log) { connection, _ in connection.abort() }
        } _: { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            _ = try client.receive(1)
            try client.send("x")
            #expect(try log.waitForClosed().reasons == [.aborted])
            #expect(throws: Client.Failure(call: "recv", code: ECONNRESET)) { _ = try client.receiveToEnd() }
            client.close()
        }
    }

    @Test("The peer's reset", arguments: BackendKind.allCases)
    func peerReset(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log)
        } _: { server in
            let client = try server.client()
            try client.send("x")
            try log.wait { !$0.isEmpty }
            client.reset()
            #expect(try log.waitForClosed() == [.received(Array("x".utf8)), .closed(.reset)])
        }
    }

    @Test("The peer's reset while megabytes are on their way to it", arguments: BackendKind.allCases)
    func peerResetWhileSending(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { connection in
            connection.write([UInt8](repeating: 1, count: 32 << 20))
            return ScriptedHandler(log)
        } _: { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            _ = try client.receive(1)
            client.reset()
            #expect(try log.waitForClosed() == [.closed(.reset)])
        }
    }

    @Test("The peer's reset after finish()", arguments: BackendKind.allCases)
    func peerResetWhileFlushing(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { connection in
            connection.write([UInt8](repeating: 1, count: 32 << 20))
            connection.finish()
            return ScriptedHandler(log)
        } _: { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            _ = try client.receive(1)
            client.reset()
            #expect(try log.waitForClosed() == [.closed(.reset)])
        }
    }

    @Test("After the peer's FIN everything can still be written", arguments: BackendKind.allCases)
    func halfClosedByPeer(_ backend: BackendKind) throws {
        let bytes = pattern(3 << 20)
        let log = EventLog()
        try withServer(backend) { _ in
            let handler = ScriptedHandler(log)
            handler.onEnd = { connection in
                connection.write(bytes)
                connection.finish()
            }
            return handler
        } _: { server in
            let client = try server.client()
            try client.send("question")
            client.finish()
            #expect(try client.receiveToEnd() == bytes)
            #expect(try log.waitForClosed() == [.received(Array("question".utf8)), .end, .closed(.finished)])
            client.close()
        }
    }

    @Test("A connection half-closed by its peer stays until it is finished", arguments: BackendKind.allCases)
    func staysHalfClosed(_ backend: BackendKind) throws {
        let log = EventLog()
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            name.withLock { $0 = connection.id }
            let handler = ScriptedHandler(log)
            handler.onEnd = { _ in }
            return handler
        } _: { server in
            let client = try server.client()
            client.finish()
            try log.wait { $0 == [.end] }
            let id = try #require(name.withLock { $0 })
            for text in ["one", "two"] {
                server.run { loop in loop.connection(id)?.write(Array(text.utf8)) }
                #expect(try client.receiveText(3) == text)
            }
            client.reset()
            #expect(try log.waitForClosed() == [.end, .closed(.reset)])
        }
    }

    @Test("After closed a connection does nothing and is not found", arguments: BackendKind.allCases)
    func afterClosed(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            let handler = ScriptedHandler(log)
            handler.onClosed = { connection in
                connection.write([1])
                connection.share(ByteRun(copying: [1]))
                connection.pauseReading()
                connection.resumeReading()
                connection.finish()
                connection.abort()
                let isFound = connection.loop.connection(connection.id) != nil
                log.add(.note("\(connection.queuedBytes) \(connection.isOpen) \(isFound)"))
            }
            return handler
        } _: { server in
            let client = try server.client()
            client.close()
            try log.wait { $0.last == .note("0 false false") }
            #expect(server.run { $0.statistics.openConnections } == 0)
            #expect(log.all == [.end, .closed(.finished), .note("0 false false")])
        }
    }

    @Test("Stopping the loops closes every connection, once", arguments: BackendKind.allCases)
    func stop(_ backend: BackendKind) throws {
        let log = EventLog()
        let server = try TestServer(backend) { connection in
            log.add(.note("in"))
            connection.write([UInt8](repeating: 1, count: 1 << 20))
            return ScriptedHandler(log)
        }
        let clients = try (0..<20).map { _ in try server.client() }
        try log.wait { $0.count(where: { $0 == .note("in") }) == 20 }
        server.stop()
        let reasons = log.all.reasons
        #expect(reasons == Array(repeating: .loopStopped, count: 20))
        for client in clients { client.close() }
    }
}
