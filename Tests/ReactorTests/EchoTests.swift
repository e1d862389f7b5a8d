import Foundation
import Reactor
import Testing

@Suite struct EchoTests {
    @Test("Bytes come back as they were sent", arguments: BackendKind.allCases)
    func echo(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let client = try server.client()
            for text in ["a", "hello", String(repeating: "x", count: 5000)] {
                try client.send(text)
                #expect(try client.receiveText(text.utf8.count) == text)
            }
            client.close()
            #expect(try log.waitForClosed().reasons == [.finished])
        }
    }

    @Test("Many connections at once each get their own bytes", arguments: BackendKind.allCases)
    func manyConnections(_ backend: BackendKind) throws {
        let log = EventLog()
        try withServer(backend) { _ in
            ScriptedHandler(log) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let clients = try (0..<300).map { _ in try server.client() }
            for round in 0..<3 {
                for (number, client) in clients.enumerated() { try client.send("round \(round) of \(number)") }
                for (number, client) in clients.enumerated() {
                    let text = "round \(round) of \(number)"
                    #expect(try client.receiveText(text.utf8.count) == text)
                }
            }
            #expect(server.run { $0.statistics.openConnections } == 300)
            for client in clients { client.close() }
            let reasons = try log.waitForClosed(300).reasons
            #expect(reasons.count == 300)
            #expect(reasons.allSatisfy { $0 == .finished })
        }
    }

    @Test("Megabytes pass both ways at once", arguments: BackendKind.allCases)
    func bigEcho(_ backend: BackendKind) throws {
        try withServer(backend) { _ in
            ScriptedHandler(EventLog()) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let client = try server.client()
            let sent = pattern(8 << 20)
            let writer = Thread { try? client.send(sent) }
            writer.start()
            #expect(try client.receive(sent.count) == sent)
            client.close()
        }
    }

    @Test("Statistics count what went through", arguments: BackendKind.allCases)
    func statistics(_ backend: BackendKind) throws {
        try withServer(backend) { _ in
            ScriptedHandler(EventLog()) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let client = try server.client()
            try client.send("12345")
            #expect(try client.receiveText(5) == "12345")
            let statistics = server.run { $0.statistics }
            #expect(statistics.accepts == 1)
            #expect(statistics.bytesIn == 5)
            #expect(statistics.receives == 1)
            #expect(statistics.turns > 0)
            #expect(statistics.wakeUps <= statistics.turns)
            var turns: UInt64 = 0
            for index in 0..<24 { turns += statistics.turnTimes.buckets[index] }
            #expect(turns == statistics.turns)
            // The completion of the send may come a turn after the peer has the bytes.
            #expect(server.run { $0.statistics.bytesOut } == 5)
            client.close()
        }
    }
}

/// Bytes that show where they belong.
func pattern(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
        for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) }
        used = count
    }
}
