import Foundation
import Reactor
import Synchronization
import Testing

@Suite struct SendingTests {
    @Test("Runs and writes go out in the order they were queued", arguments: BackendKind.allCases)
    func order(_ backend: BackendKind) throws {
        try withServer(backend) { connection in
            let shared = ByteRun(copying: Array("<shared>".utf8))
            for number in 0..<200 {
                connection.write(Array("\(number)".utf8))
                connection.write(Array(",".utf8))
                connection.share(shared)
            }
            #expect(connection.queuedBytes == expectedOrder.utf8.count)
            connection.finish()
            connection.write(Array("too late".utf8))
            return ScriptedHandler()
        } _: { server in
            let client = try server.client()
            #expect(String(decoding: try client.receiveToEnd(), as: UTF8.self) == expectedOrder)
            client.close()
        }
    }

    @Test("A run is shared by many and outlives its owner", arguments: BackendKind.allCases)
    func sharedRun(_ backend: BackendKind) throws {
        let bytes = pattern(3000)
        let waiting = Mutex<[ConnectionID]>([])
        let ready = EventLog()
        try withServer(backend) { connection in
            waiting.withLock { $0.append(connection.id) }
            ready.add(.note("in"))
            return ScriptedHandler()
        } _: { server in
            let clients = try (0..<50).map { _ in try server.client() }
            try ready.wait { $0.count == 50 }
            let ids = waiting.withLock { $0 }
            server.run { loop in
                let run = ByteRun(copying: bytes)
                let second = run.shared()
                for id in ids { loop.connection(id)?.outlet.share(run) }
                for id in ids { loop.connection(id)?.share(second) }
            }
            for client in clients {
                #expect(try client.receive(6000) == bytes + bytes)
                client.close()
            }
        }
    }

    @Test("A reader that is slow gets everything; the queue is exact meanwhile", arguments: BackendKind.allCases)
    func slowReader(_ backend: BackendKind) throws {
        let total = 12 << 20
        let bytes = pattern(total)
        let log = EventLog()
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            name.withLock { $0 = connection.id }
            return ScriptedHandler(log) { connection, _ in
                // Shared runs and private ones of odd sizes, so that sends end in the middle of them.
                var rest = bytes[...]
                var size = 1
                while !rest.isEmpty {
                    let chunk = Array(rest.prefix(size))
                    rest = rest.dropFirst(size)
                    if size % 3 == 0 { connection.share(ByteRun(copying: chunk)) } else { connection.write(chunk) }
                    size = size % 70_000 + 997
                }
                #expect(connection.queuedBytes == total)
                #expect(connection.oldestQueued == connection.loop.now)
            }
        } _: { server in
            let client = try server.client()
            try client.send("go")
            // The first bytes are there, so the loop has sent what fits; the rest waits for this side.
            var received = try client.receive(1)
            let id = try #require(name.withLock { $0 })
            let queued = server.run { loop in loop.connection(id)?.queuedBytes ?? -1 }
            #expect(queued > 0 && queued < total)
            let hasAge = server.run { loop in
                loop.connection(id)?.oldestQueued.map { $0 <= loop.now } ?? false
            }
            #expect(hasAge)
            received += try client.receive(total - 1)
            #expect(received == bytes)
            try log.wait(for: "drained") { $0.contains(.drained) }
            let left = server.run { loop in
                loop.connection(id).map { [$0.queuedBytes, $0.oldestQueued == nil ? 0 : 1] }
            }
            #expect(left == [0, 0])
            #expect(log.all.count(where: { $0 == .drained }) == 1)
            client.close()
        }
    }

    @Test("drained comes only after the queue was above the high-water mark", arguments: BackendKind.allCases)
    func noDrainedBelowHighWater(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(
            backend,
            configure: {
                $0.highWater = 1000; $0.lowWater = 10
            }
        ) { _ in
            ScriptedHandler(log) { connection, bytes in
                connection.write([UInt8](repeating: 1, count: bytes[0] == 0 ? 1000 : 1001))
            }
        } _: { server in
            let client = try server.client()
            try client.send([0])
            _ = try client.receive(1000)
            // The answer to a second message shows that the first send is over and done with.
            try client.send([0])
            _ = try client.receive(1000)
            #expect(!log.all.contains(.drained))
            try client.send([1])
            _ = try client.receive(1001)
            try log.wait(for: "drained") { $0.contains(.drained) }
            client.close()
        }
    }

    @Test("What queues up behind a full socket is counted from its oldest byte", arguments: BackendKind.allCases)
    func age(_ backend: BackendKind) throws {
        let name = Mutex<ConnectionID?>(nil)
        try withServer(backend) { connection in
            name.withLock { $0 = connection.id }
            connection.write([UInt8](repeating: 7, count: 16 << 20))
            return ScriptedHandler()
        } _: { server in
            let client = try Client(port: server.port, receiveBuffer: 4096)
            _ = try client.receive(1)
            let id = try #require(name.withLock { $0 })
            let first = server.run { loop in loop.connection(id)?.oldestQueued }
            let second = server.run { loop in
                loop.connection(id)?.write([1, 2, 3])
                return loop.connection(id)?.oldestQueued
            }
            #expect(first != nil)
            #expect(first == second)
            client.reset()
        }
    }
}

private let expectedOrder = (0..<200).map { "\($0),<shared>" }.joined()
