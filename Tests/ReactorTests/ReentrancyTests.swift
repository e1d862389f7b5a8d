import Reactor
import Synchronization
import Testing

/// What handlers may do from within their own calls.
@Suite struct ReentrancyTests {
    @Test("A handler replaced in received: the next bytes go to the new one", arguments: BackendKind.allCases)
    func swapHandler(_ backend: BackendKind) throws {
        let first = EventLog()
        let second = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(first) { connection, _ in
                connection.handler = ScriptedHandler(second)
                connection.write([1])
            }
        } _: { server in
            let client = try server.client()
            try client.send("a")
            _ = try client.receive(1)
            try client.send("b")
            client.finish()
            #expect(try second.waitForClosed() == [.received(Array("b".utf8)), .end, .closed(.finished)])
            #expect(first.all == [.received(Array("a".utf8))])
            client.close()
        }
    }

    @Test(
        "A handler aborts another connection, whose bytes may be next in the same turn",
        arguments: BackendKind.allCases
    )
    func abortAnother(_ backend: BackendKind) throws {
        let log = EventLog()
        let members = Mutex<[ConnectionID]>([])
        try withServer(backend) { connection in
            members.withLock { $0.append(connection.id) }
            log.add(.note("in"))
            return ScriptedHandler(log) { connection, _ in
                // Whoever is heard first ends all others.
                for id in members.withLock({ $0 }) where id != connection.id {
                    connection.loop.connection(id)?.abort()
                }
            }
        } _: { server in
            let clients = try (0..<30).map { _ in try server.client() }
            try log.wait { $0.count == 30 }
            for client in clients { try? client.send("x") }
            let events = try log.waitForClosed(29)
            #expect(events.reasons == Array(repeating: .aborted, count: 29))
            #expect(log.bytes == Array("x".utf8))
            for client in clients { client.close() }
        }
    }

    @Test("abort() in received drops the bytes that were to follow", arguments: BackendKind.allCases)
    func abortWithMoreToCome(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, _ in connection.abort() }
        } _: { server in
            let client = try server.client()
            try? client.send(pattern(1 << 20))
            let events = try log.waitForClosed()
            #expect(events.count == 2)
            #expect(events.reasons == [.aborted])
            client.close()
        }
    }

    @Test("abort() and finish() in receivedEnd and drained", arguments: BackendKind.allCases)
    func abortInCallbacks(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(
            backend,
            configure: {
                $0.highWater = 10; $0.lowWater = 1
            }
        ) { _ in
            let handler = ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
            handler.onEnd = { $0.abort() }
            handler.onDrained = { $0.finish() }
            return handler
        } _: { server in
            let ended = try server.client()
            ended.finish()
            #expect(try log.waitForClosed(1) == [.end, .closed(.aborted)])
            ended.close()
            let drained = try server.client()
            try drained.send("more than ten bytes")
            #expect(try drained.receiveToEnd().count == 19)
            drained.close()
            #expect(try log.waitForClosed(2).suffix(2) == [.drained, .closed(.finished)])
        }
    }

    @Test("closed may end other connections, write to them and accept nothing more", arguments: BackendKind.allCases)
    func actInClosed(_ backend: BackendKind) throws {
        let log = EventLog()
        let members = Mutex<[ConnectionID]>([])
        try withServer(backend) { connection in
            members.withLock { $0.append(connection.id) }
            log.add(.note("in"))
            let handler = ScriptedHandler(log)
            handler.onClosed = { connection in
                connection.loop.stopAccepting()
                for id in members.withLock({ $0 }) {
                    let other = connection.loop.connection(id)
                    other?.write(Array("bye".utf8))
                    other?.finish()
                }
            }
            return handler
        } _: { server in
            let clients = try (0..<10).map { _ in try server.client() }
            try log.wait { $0.count == 10 }
            clients[0].reset()
            for client in clients.dropFirst() {
                #expect(try client.receiveToEnd() == Array("bye".utf8))
                client.close()
            }
            let reasons = try log.waitForClosed(10).reasons
            #expect(reasons.first == .reset)
            #expect(reasons.dropFirst().allSatisfy { $0 == .finished })
            #expect(throws: Client.Failure.self) { _ = try server.client() }
        }
    }

    @Test("A connection refused in accept, aborted or finished there", arguments: BackendKind.allCases)
    func endInAccept(_ backend: BackendKind) throws {
        let log = EventLog()
        let count = Atomic(0)
        try withServer(backend) { connection in
            switch count.add(1, ordering: .relaxed).newValue {
            case 1:
                return nil
            case 2:
                connection.abort()
            default:
                connection.write(Array("full".utf8))
                connection.finish()
            }
            return ScriptedHandler(log)
        } _: { server in
            let refused = try server.client()
            #expect(throws: Client.Failure.self) { _ = try refused.receiveToEnd() }
            #expect(log.all.isEmpty)
            refused.close()
            let aborted = try server.client()
            #expect(try log.waitForClosed(1) == [.closed(.aborted)])
            aborted.close()
            let finished = try server.client()
            #expect(try finished.receiveToEnd() == Array("full".utf8))
            finished.close()
            #expect(try log.waitForClosed(2).reasons == [.aborted, .finished])
            #expect(server.run { $0.statistics.refusedAccepts } == 1)
            #expect(server.run { $0.statistics.openConnections } == 0)
        }
    }

    @Test(
        "Hooks run after handlers and mail, before the sends; their mail is read in the same turn",
        arguments: BackendKind.allCases
    )
    func hooks(_ backend: BackendKind) throws {
        let log = EventLog()
        let own = Mutex<Mailbox<ConnectionID>?>(nil)
        let server = try TestServer(
            backend,
            setUp: { loop in
                var pending: [ConnectionID] = []
                let mailbox = loop.makeMailbox { (ids: [ConnectionID]) in pending += ids }
                loop.atTurnEnd {
                    for id in pending {
                        guard let connection = loop.connection(id) else { continue }
                        connection.write(Array("turn end".utf8))
                        connection.finish()
                    }
                    pending = []
                }
                own.withLock { $0 = mailbox }
            },
            accept: { _ in
                ScriptedHandler(log) { connection, _ in
                    connection.write(Array("handler ".utf8))
                    own.withLock { $0 }?.post(connection.id)
                }
            }
        )
        defer { server.stop() }
        let client = try server.client()
        try client.send("x")
        #expect(String(decoding: try client.receiveToEnd(), as: UTF8.self) == "handler turn end")
        client.close()
        try log.waitForClosed()
    }
}
