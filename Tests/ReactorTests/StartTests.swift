import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import Reactor

@Suite struct StartTests {
    @Test("APUS_REACTOR takes two values; any other is refused with a sentence")
    func environment() throws {
        #expect(try BackendKind.parse("epoll") == .epoll)
        #expect(try BackendKind.parse("io_uring") == .io_uring)
        #expect(try BackendKind.parse("") == nil)
        let error = #expect(throws: ReactorError.self) { _ = try BackendKind.parse("kqueue") }
        #expect(error?.description == "APUS_REACTOR is \"kqueue\": it takes io_uring or epoll.")
    }

    @Test("APUS_REACTOR forces the backend of a start")
    func forcedByEnvironment() async {
        await #expect(processExitsWith: .success) {
            setenv("APUS_REACTOR", "epoll", 1)
            let loops = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration()) { _ in }
            #expect(loops.backend == .epoll && loops.fallbackReason == nil)
            loops.stop()
            loops.join()
            setenv("APUS_REACTOR", "uring", 1)
            let error = #expect(throws: ReactorError.self) {
                _ = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration()) { _ in }
            }
            #expect(error?.description.contains("\"uring\"") == true)
        }
    }

    @Test("Where io_uring does not work: epoll with the reason, or an error where it is forced")
    func fallback() async {
        await #expect(processExitsWith: .success) {
            // Without a descriptor to spare no ring can be made, whatever other threads of the process close meanwhile.
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = 0
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let choice = Result { try BackendChoice.make(ReactorConfiguration()) }
            let forced = Result { try BackendChoice.make(ReactorConfiguration(backend: .io_uring)) }
            limit.rlim_cur = before
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let chosen = try choice.get()
            #expect(chosen.kind == .epoll)
            #expect(chosen.fallbackReason?.hasPrefix("io_uring_setup: ") == true)
            let error = #expect(throws: ReactorError.self) { _ = try forced.get() }
            #expect(error?.description.hasPrefix("io_uring is forced but does not work here: ") == true)
        }
    }

    @Test("The probe finds what the tests of io_uring rely on")
    func probe() throws {
        #expect(try UringProbe.obstacle() == nil)
    }

    @Test("A set-up that fails stops all loops and gives its error back", arguments: BackendKind.allCases)
    func failingSetUp(_ backend: BackendKind) throws {
        struct Refusal: Error {}
        let ends = Mutex(0)
        #expect(throws: Refusal.self) {
            _ = try ReactorThreads.start(count: 3, configuration: ReactorConfiguration(backend: backend)) { loop in
                ends.withLock { $0 += 1 }
                if loop.index == 1 { throw Refusal() }
            }
        }
        #expect(ends.withLock { $0 } == 3)
    }

    @Test("Numbers of loops that make no sense are refused")
    func counts() {
        for count in [-1, 0, 256] {
            #expect(throws: ReactorError.self) {
                _ = try ReactorThreads.start(count: count, configuration: ReactorConfiguration()) { _ in }
            }
        }
    }

    @Test("Loops have numbers and named threads, and may stop themselves", arguments: BackendKind.allCases)
    func threads(_ backend: BackendKind) throws {
        let names = Mutex<Set<String>>([])
        let loops = try ReactorThreads.start(count: 2, configuration: ReactorConfiguration(backend: backend)) { loop in
            let name = try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8).dropLast()
            names.withLock { _ = $0.insert("\(loop.index) \(name) \(loop.backendKind)") }
            loop.stop()
        }
        loops.join()
        loops.join()
        #expect(loops.count == 2)
        #expect(loops.backend == backend)
        #expect(names.withLock { $0 } == ["0 apus-loop-0 \(backend)", "1 apus-loop-1 \(backend)"])
    }

    @Test("A loop and all it held are gone when its thread has ended", arguments: BackendKind.allCases)
    func lifetime(_ backend: BackendKind) throws {
        final class Witness {}
        struct Weak: @unchecked Sendable {  // Safety: written before start returns, read after join.
            weak var witness: Witness?
            weak var loop: EventLoop?
        }
        let weakly = Mutex(Weak())
        let log = EventLog()
        let sockets = try Listening.bind(host: "127.0.0.1", port: 0, loops: 1)
        let loops = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration(backend: backend)) { loop in
            let witness = Witness()
            weakly.withLock { $0 = Weak(witness: witness, loop: loop) }
            // Cycles through the loop, as a shard makes them.
            loop.atTurnEnd { _ = (witness, loop) }
            _ = loop.makeMailbox { (_: [Int]) in _ = (witness, loop) }
            loop.listen(on: sockets[0]) { connection in
                let handler = ScriptedHandler(log)
                handler.onReceived = { _, _ in _ = (witness, connection) }
                log.add(.note("in"))
                return handler
            }
        }
        let client = try Client(port: Int(sockets[0].address.port))
        try log.wait { !$0.isEmpty }
        loops.stop()
        loops.join()
        client.close()
        #expect(weakly.withLock { $0.witness == nil && $0.loop == nil })
    }
}
