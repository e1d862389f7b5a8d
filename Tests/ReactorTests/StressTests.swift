import Foundation
import Reactor
import Synchronization
import Testing

/// Connections that do everything at once, by seed, and what must hold whatever happens.
@Suite struct StressTests {
    /// Lives through anything; counts what breaks the contract.
    private final class Chaotic: ConnectionHandler {
        private let tally: Tally
        private var random: SplitMix
        private var isPaused = false
        private var isClosed = false
        private var received = 0

        init(_ tally: Tally, seed: UInt64) {
            self.tally = tally
            random = SplitMix(state: seed)
        }

        func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection) {
            if isPaused || isClosed || !connection.isOpen { tally.broken.add(1, ordering: .relaxed) }
            // The peer sends 0, 1, 2 … : nothing may be lost, doubled or swapped.
            for byte in bytes {
                if byte != UInt8(truncatingIfNeeded: received) { tally.broken.add(1, ordering: .relaxed) }
                received += 1
            }
            act(connection)
        }

        func receivedEnd(on connection: Connection) {
            if isPaused || isClosed { tally.broken.add(1, ordering: .relaxed) }
            random.next() % 4 == 0 ? connection.abort() : connection.finish()
        }

        func drained(_ connection: Connection) {
            act(connection)
        }

        func closed(_ connection: Connection, _ reason: DisconnectReason) {
            if isClosed { tally.broken.add(1, ordering: .relaxed) }
            isClosed = true
            tally.closed.add(1, ordering: .relaxed)
            act(connection)
        }

        private func act(_ connection: Connection) {
            switch random.next() % 40 {
            case 0: connection.abort()
            case 1: connection.finish()
            case 2...8:
                guard connection.isOpen else { return }
                connection.pauseReading()
                isPaused = true
                _ = connection.loop.schedule(
                    after: .milliseconds(Int(random.next() % 3)),
                    Resume(self, connection),
                    tag: 0
                )
            case 9...20:
                connection.share(ByteRun(copying: [UInt8](repeating: 7, count: Int(random.next() % 200_000))))
            default:
                connection.write([UInt8](repeating: 7, count: Int(random.next() % 500)))
            }
        }

        private final class Resume: TimerTarget {
            private let handler: Chaotic
            private let connection: Connection

            init(_ handler: Chaotic, _ connection: Connection) {
                self.handler = handler
                self.connection = connection
            }

            func timerFired(_ tag: UInt32) {
                handler.isPaused = false
                connection.resumeReading()
            }
        }
    }

    private final class Tally: Sendable {
        let accepted = Atomic(0)
        let closed = Atomic(0)
        let broken = Atomic(0)
    }

    @Test("Whatever connections do, each is closed once and its bytes stay in order", arguments: BackendKind.allCases)
    func chaos(_ backend: BackendKind) throws {
        let tally = Tally()
        let configure: (inout ReactorConfiguration) -> Void = {
            $0.receiveBufferCount = 16
            $0.receiveBufferSize = 512
            $0.submissionQueueEntries = 8
            $0.lingerTimeout = .milliseconds(5)
            $0.flushTimeout = .milliseconds(50)
        }
        let server = try TestServer(backend, loops: 2, configure: configure) { connection in
            let number = tally.accepted.add(1, ordering: .relaxed).newValue
            return Chaotic(tally, seed: UInt64(number))
        }
        let done = DispatchSemaphore(value: 0)
        for thread in 0..<4 {
            Thread {
                var random = SplitMix(state: UInt64(1000 + thread))
                for _ in 0..<60 { Self.visit(server, &random) }
                done.signal()
            }.start()
        }
        for _ in 0..<4 { done.wait() }
        server.stop()
        #expect(tally.broken.load(ordering: .relaxed) == 0)
        #expect(tally.closed.load(ordering: .relaxed) == tally.accepted.load(ordering: .relaxed))
        #expect(tally.accepted.load(ordering: .relaxed) > 200)
    }

    /// One peer: sends a while, reads or not, leaves in one of three ways.
    private static func visit(_ server: TestServer, _ random: inout SplitMix) {
        guard let client = try? server.client() else { return }
        var next = 0
        for _ in 0..<(random.next() % 20) {
            let count = Int(random.next() % 5000)
            let bytes = (next..<next + count).map { UInt8(truncatingIfNeeded: $0) }
            next += count
            guard (try? client.send(bytes)) != nil else { break }
            if random.next() % 3 == 0 { _ = client.receiveWhatIsThere() }
        }
        switch random.next() % 3 {
        case 0: client.close()
        case 1: client.reset()
        default:
            client.finish()
            _ = try? client.receiveToEnd()
            client.close()
        }
    }
}

extension Client {
    fileprivate func receiveWhatIsThere() -> Int {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) {
            recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
    }
}
