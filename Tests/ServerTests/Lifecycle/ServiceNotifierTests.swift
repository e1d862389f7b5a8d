import Foundation
import Testing

@testable import HubServer

@Suite("Service notifier")
struct ServiceNotifierTests {
    @Test("readiness and stop reach a manager at a path and at an abstract name")
    func messages() throws {
        try TemporaryFolder.with { folder in
            for name in [folder.path("notify"), "@apus-\(UUID().uuidString)"] {
                let manager = try ServiceManager(name)
                let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]))
                notifier.ready("Serving 127.0.0.1:8080")
                notifier.stopping()
                #expect(try manager.message() == "READY=1\nSTATUS=Serving 127.0.0.1:8080")
                #expect(try manager.message() == "STOPPING=1\nSTATUS=Draining")
            }
        }
    }

    @Test(
        "without a manager, or at an address of another kind, there is no notifier",
        arguments: [nil, "", "@", "vsock:2:1234", "relative", "/" + String(repeating: "x", count: 108)]
    )
    func absent(name: String?) {
        var environment = ["WATCHDOG_USEC": "1000000"]
        environment["NOTIFY_SOCKET"] = name
        #expect(ServiceNotifier(environment: environment) == nil)
    }

    @Test("a manager that is gone or reads nothing holds nobody up")
    func deaf() throws {
        try TemporaryFolder.with { folder in
            let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": folder.path("nobody")]))
            notifier.ready("lost")
            let manager = try ServiceManager(folder.path("deaf"))
            let other = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name]))
            for _ in 0..<10_000 { other.ready("more than the socket holds") }
            #expect(try manager.message() == "READY=1\nSTATUS=more than the socket holds")
        }
    }

    @Test(
        "signs of life are owed to who asked this process for them",
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "x"], nil),
            (["WATCHDOG_USEC": "2000000"], .seconds(2)),
            (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"], .seconds(2)),
            (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"], nil),
        ] as [([String: String], Duration?)]
    )
    func interval(environment: [String: String], expected: Duration?) throws {
        let whole = environment.merging(["NOTIFY_SOCKET": "/run/notify"]) { own, _ in own }
        #expect(try #require(ServiceNotifier(environment: whole, process: 7)).watchdog == expected)
    }

    @Test("signs of life follow the answers, and end with their task")
    func alive() async throws {
        try await TemporaryFolder.with { folder in
            let manager = try ServiceManager(folder.path("notify"))
            let environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000"]
            let notifier = try #require(ServiceNotifier(environment: environment))
            let asked = AsyncStream<Void>.makeStream()
            let task = Task { await notifier.keepAlive { asked.continuation.yield() } }
            for _ in 0..<3 { #expect(try manager.message() == "WATCHDOG=1") }
            task.cancel()
            await task.value
            var iterator = asked.stream.makeAsyncIterator()
            for _ in 0..<3 { #expect(await iterator.next() != nil) }
        }
    }

    @Test("a hub that does not answer itself gives no sign of life")
    func hung() async throws {
        try await TemporaryFolder.with { folder in
            let manager = try ServiceManager(folder.path("notify"))
            let environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000"]
            let notifier = try #require(ServiceNotifier(environment: environment))
            let (answers, asked) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
            let task = Task {
                await notifier.keepAlive {
                    asked.continuation.yield()
                    var iterator = answers.stream.makeAsyncIterator()
                    _ = await iterator.next()
                }
            }
            var questions = asked.stream.makeAsyncIterator()
            _ = await questions.next()
            #expect(manager.isEmpty)
            answers.continuation.finish()
            #expect(try manager.message() == "WATCHDOG=1")
            task.cancel()
            await task.value
        }
    }
}
