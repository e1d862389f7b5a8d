import Foundation
import Reactor
import Synchronization
import Testing

@Suite struct MailboxTests {
    @Test("Every poster's messages arrive once and in its order", arguments: BackendKind.allCases)
    func order(_ backend: BackendKind) throws {
        let posters = 4
        let each = 20_000
        let log = EventLog()
        let arrived = Mutex<[[Int]]>(Array(repeating: [], count: posters))
        let box = Mutex<Mailbox<(poster: Int, number: Int)>?>(nil)
        let loops = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration(backend: backend)) { loop in
            let mailbox = loop.makeMailbox { (messages: [(poster: Int, number: Int)]) in
                let total = arrived.withLock { arrived in
                    for message in messages { arrived[message.poster].append(message.number) }
                    return arrived.reduce(0) { $0 + $1.count }
                }
                if total == posters * each { log.add(.note("all")) }
            }
            box.withLock { $0 = mailbox }
        }
        let mailbox = try #require(box.withLock { $0 })
        for poster in 0..<posters {
            Thread {
                for number in stride(from: 0, to: each, by: 2) {
                    mailbox.post((poster, number))
                    mailbox.post(contentsOf: [(poster, number + 1)])
                }
            }.start()
        }
        try log.wait { !$0.isEmpty }
        for numbers in arrived.withLock({ $0 }) { #expect(numbers == Array(0..<each)) }
        loops.stop()
        loops.join()
        #expect(!mailbox.post((0, 0)))
    }

    @Test("A loop that is busy is not woken; what came together is one array", arguments: BackendKind.allCases)
    func singleWakeUp(_ backend: BackendKind) throws {
        let batches = Mutex<[[Int]]>([])
        let box = Mutex<Mailbox<Int>?>(nil)
        let server = try TestServer(
            backend,
            setUp: { loop in
                let mailbox = loop.makeMailbox { (numbers: [Int]) in batches.withLock { $0.append(numbers) } }
                box.withLock { $0 = mailbox }
            },
            accept: { _ in nil }
        )
        defer { server.stop() }
        let mailbox = try #require(box.withLock { $0 })
        let before = server.run { $0.statistics.wakeUps }
        let wakeUps = server.run { loop in
            let atStart = loop.statistics.wakeUps
            let posted = DispatchSemaphore(value: 0)
            // Another thread posts while this turn is running.
            Thread {
                for number in 0..<1000 { mailbox.post(number) }
                posted.signal()
            }.start()
            posted.wait()
            return atStart
        }
        let after = server.run { $0.statistics.wakeUps }
        #expect(batches.withLock { $0 } == [Array(0..<1000)])
        // One for each question asked from outside, none for the thousand posts.
        #expect(wakeUps <= before + 1)
        #expect(after <= wakeUps + 1)
    }

    @Test("A loop may post to itself", arguments: BackendKind.allCases)
    func selfPost(_ backend: BackendKind) throws {
        let log = EventLog()
        let loops = try ReactorThreads.start(count: 1, configuration: ReactorConfiguration(backend: backend)) { loop in
            let own = Mutex<Mailbox<Int>?>(nil)
            let mailbox = loop.makeMailbox { (numbers: [Int]) in
                for number in numbers {
                    if number == 100 { log.add(.note("done")) } else { own.withLock { $0 }?.post(number + 1) }
                }
            }
            own.withLock { $0 = mailbox }
            mailbox.post(0)
        }
        try log.wait { !$0.isEmpty }
        loops.stop()
        loops.join()
    }

    @Test("Loops wake each other", arguments: BackendKind.allCases)
    func pingPong(_ backend: BackendKind) throws {
        let log = EventLog()
        let boxes = Mutex<[Int: Mailbox<Int>]>([:])
        let loops = try ReactorThreads.start(count: 2, configuration: ReactorConfiguration(backend: backend)) { loop in
            let index = loop.index
            let mailbox = loop.makeMailbox { (numbers: [Int]) in
                for number in numbers {
                    if number == 2000 {
                        log.add(.note("done"))
                    } else {
                        boxes.withLock { $0[1 - index] }?.post(number + 1)
                    }
                }
            }
            boxes.withLock { $0[index] = mailbox }
        }
        boxes.withLock { $0[0] }?.post(0)
        try log.wait { !$0.isEmpty }
        loops.stop()
        loops.join()
    }
}
