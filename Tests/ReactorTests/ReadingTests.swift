import Foundation
import Reactor
import Synchronization
import Testing

@Suite struct ReadingTests {
    @Test("A paused connection gets nothing; afterwards everything, in order", arguments: BackendKind.allCases)
    func pause(_ backend: BackendKind) throws {
        let bytes = pattern(6 << 20)
        let log = EventLog()
        let isPaused = Atomic(false)
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            name.withLock { $0 = connection.id }
            return ScriptedHandler(log) { connection, _ in
                // Every time, so that a resume always meets what was in flight at the pause before.
                let wasPaused = isPaused.exchange(true, ordering: .relaxed)
                #expect(!wasPaused, "received while paused")
                connection.pauseReading()
                log.add(.note("paused"))
            }
        } _: { server in
            let client = try server.client()
            Thread {
                try? client.send(bytes)
                client.finish()
            }.start()
            let id = try #require(try waitForName(name, log))
            var pauses = 0
            while !log.all.contains(.end) {
                pauses += 1
                try log.wait { $0.contains(.end) || $0.count(where: { $0 == .note("paused") }) >= pauses }
                server.run { loop in
                    isPaused.store(false, ordering: .relaxed)
                    loop.connection(id)?.resumeReading()
                }
            }
            #expect(log.bytes == bytes)
            try log.waitForClosed()
            client.close()
        }
    }

    @Test("Pause and resume within one call", arguments: BackendKind.allCases)
    func pauseAndResume(_ backend: BackendKind) throws {
        let bytes = pattern(2 << 20)
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, _ in
                connection.pauseReading()
                connection.resumeReading()
                connection.pauseReading()
                connection.resumeReading()
            }
        } _: { server in
            let client = try server.client()
            try client.send(bytes)
            client.finish()
            try log.waitForClosed()
            #expect(log.bytes == bytes)
            client.close()
        }
    }

    @Test("A FIN that comes while paused is told after resuming", arguments: BackendKind.allCases)
    func endWhilePaused(_ backend: BackendKind) throws {
        let log = EventLog()
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            name.withLock { $0 = connection.id }
            return ScriptedHandler(log) { connection, bytes in
                if bytes == Array("pause".utf8) { connection.pauseReading() }
            }
        } _: { server in
            let client = try server.client()
            try client.send("pause")
            try log.wait { $0.count == 1 }
            try client.send("more")
            client.finish()
            let id = try #require(name.withLock { $0 })
            // Several turns in which the FIN could slip through.
            for _ in 0..<5 { server.run { _ in () } }
            #expect(log.all.count == 1)
            server.run { loop in loop.connection(id)?.resumeReading() }
            let events = try log.waitForClosed()
            #expect(events.bytes == Array("pausemore".utf8))
            #expect(events.suffix(2) == [.end, .closed(.finished)])
            client.close()
        }
    }

    @Test("A reset is noticed while paused", arguments: BackendKind.allCases)
    func resetWhilePaused(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, _ in connection.pauseReading() }
        } _: { server in
            let client = try server.client()
            try client.send("x")
            try log.wait { $0.count == 1 }
            client.reset()
            #expect(try log.waitForClosed().reasons == [.reset])
        }
    }

    @Test("Paused from the start", arguments: BackendKind.allCases)
    func pausedInAccept(_ backend: BackendKind) throws {
        let log = EventLog()
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            connection.pauseReading()
            name.withLock { $0 = connection.id }
            log.add(.note("in"))
            return ScriptedHandler(log)
        } _: { server in
            let client = try server.client()
            try client.send("x")
            try log.wait { $0.count == 1 }
            for _ in 0..<3 { server.run { _ in () } }
            #expect(log.all == [.note("in")])
            let id = try #require(name.withLock { $0 })
            server.run { loop in loop.connection(id)?.resumeReading() }
            try log.wait { $0 == [.note("in"), .received(Array("x".utf8))] }
            client.close()
        }
    }

    @Test("finish() and abort() of a paused connection", arguments: BackendKind.allCases)
    func finishWhilePaused(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, bytes in
                connection.pauseReading()
                connection.write(bytes)
                if bytes == Array("finish".utf8) { connection.finish() } else { connection.abort() }
            }
        } _: { server in
            let finished = try server.client()
            try finished.send("finish")
            #expect(try finished.receiveToEnd() == Array("finish".utf8))
            finished.close()
            #expect(try log.waitForClosed(1).reasons == [.finished])
            let aborted = try server.client()
            try aborted.send("abort")
            #expect(try log.waitForClosed(2).reasons == [.finished, .aborted])
            aborted.close()
        }
    }

    @Test(
        "A few small receive buffers serve many senders; where there may be more they come as they are needed",
        arguments: BackendKind.allCases,
        [4, 256]
    )
    func fewBuffers(_ backend: BackendKind, count: Int) throws {
        let log = EventLog()
        let configure: (inout ReactorConfiguration) -> Void = {
            $0.receiveBufferCount = count
            $0.receiveBufferSize = 64
        }
        try withServer(backend, configure: configure) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let clients = try (0..<100).map { _ in try server.client() }
            let bytes = pattern(1000)
            let gate = DispatchSemaphore(value: 0)
            // The loop stands still while everybody sends, so that all of it arrives in one turn.
            Thread { server.run { _ in gate.wait() } }.start()
            for client in clients { try client.send(bytes) }
            gate.signal()
            for client in clients { #expect(try client.receive(bytes.count) == bytes) }
            for client in clients { client.close() }
            try log.waitForClosed(100)
            #expect(log.bytes.count == 100_000)
        }
    }

    private func waitForName(_ name: borrowing Mutex<ConnectionID?>, _ log: EventLog) throws -> ConnectionID? {
        try log.wait { !$0.isEmpty }
        return name.withLock { $0 }
    }
}
