import Foundation
import Logging
import Reactor
import Synchronization

/// Loops with listeners on a port of the kernel's choice, and a way to run something on the first of them.
final class TestServer: Sendable {
    typealias Accept = @Sendable (Connection) -> (any ConnectionHandler)?

    let loops: RunningLoops
    let port: Int
    private let mailboxes: [Mailbox<@Sendable (EventLoop) -> Void>]

    init(
        _ backend: BackendKind,
        loops count: Int = 1,
        host: String = "127.0.0.1",
        tls: TLSEndpoint? = nil,
        configure: (inout ReactorConfiguration) -> Void = { _ in },
        setUp: @escaping @Sendable (EventLoop) -> Void = { _ in },
        accept: @escaping Accept
    ) throws {
        var configuration = ReactorConfiguration(
            backend: backend,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        configure(&configuration)
        let sockets = try Listening.bind(host: host, port: 0, loops: count)
        let made = Mutex<[Int: Mailbox<@Sendable (EventLoop) -> Void>]>([:])
        loops = try ReactorThreads.start(count: count, configuration: configuration) { loop in
            setUp(loop)
            loop.listen(on: sockets[loop.index], tls: tls, accept: accept)
            let mailbox = loop.makeMailbox { (bodies: [@Sendable (EventLoop) -> Void]) in
                for body in bodies { body(loop) }
            }
            made.withLock { $0[loop.index] = mailbox }
        }
        port = Int(sockets[0].address.port)
        mailboxes = made.withLock { boxes in (0..<count).compactMap { boxes[$0] } }
    }

    /// Runs on the loop's thread and returns what came out.
    func run<Result: Sendable>(on loop: Int = 0, _ body: @escaping @Sendable (EventLoop) -> Result) -> Result {
        let result = Mutex<Result?>(nil)
        let done = DispatchSemaphore(value: 0)
        mailboxes[loop].post { loop in
            let value = body(loop)
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return result.withLock { $0! }
    }

    func stop() {
        loops.stop()
        loops.join()
    }

    func client() throws -> Client {
        try Client(port: port)
    }
}

/// A server whose every connection gets a handler made by the test and writes into one log.
func withServer(
    _ backend: BackendKind,
    loops: Int = 1,
    tls: TLSEndpoint? = nil,
    configure: (inout ReactorConfiguration) -> Void = { _ in },
    handler: @escaping @Sendable (Connection) -> (any ConnectionHandler)?,
    _ body: (TestServer) throws -> Void
) throws {
    let server = try TestServer(backend, loops: loops, tls: tls, configure: configure, accept: handler)
    defer { server.stop() }
    try body(server)
}
