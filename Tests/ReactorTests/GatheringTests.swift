import Glibc
import Testing

@testable import Reactor

@Suite("When a loop's sends wait for more to join them")
struct GatheringTests {
    private static let millisecond: UInt64 = 1_000_000
    /// A loop that has been running for a second.
    private static let start = 1000 * millisecond

    /// A thread that has been busy all the time, or never.
    private static func gathering(limit: Duration = .milliseconds(1), isBusy: Bool = true) -> Gathering {
        var gathering = Gathering(limit: limit)
        // The first look only tells where the counting begins, the second that the thread was busy.
        for look in [start - 2 * millisecond, start] {
            let waits = gathering.isToWait(at: look, waiting: 10, joined: 0) { isBusy ? look : 0 }
            #expect(!waits)
        }
        return gathering
    }

    private func waits(_ gathering: inout Gathering, after microseconds: UInt64, waiting: Int = 10, joined: Int = 0)
        -> Bool
    {
        let now = Self.start + microseconds * 1000
        return gathering.isToWait(at: now, waiting: waiting, joined: joined) { now }
    }

    @Test("An idle loop sends at once")
    func idle() {
        var gathering = Self.gathering(isBusy: false)
        let waits = gathering.isToWait(at: Self.start + 1000, waiting: 10, joined: 0) { 0 }
        #expect(!waits)
        #expect(gathering.deadline == nil)
        #expect(gathering.holds == 0)
    }

    @Test("A limit of nothing never waits")
    func off() {
        var gathering = Self.gathering(limit: .zero)
        #expect(!waits(&gathering, after: 1))
    }

    @Test("A busy loop waits until the limit after its last sends, no longer")
    func busy() {
        var gathering = Self.gathering()
        #expect(waits(&gathering, after: 300))
        #expect(gathering.deadline == Self.start + Self.millisecond)
        #expect(waits(&gathering, after: 999, joined: 9))
        #expect(!waits(&gathering, after: 1000, joined: 9))
        #expect(gathering.deadline == nil)
        #expect(gathering.holds == 1)
        #expect(gathering.spared == 9)
    }

    @Test("Sends that come further apart than the limit never wait")
    func apart() {
        var gathering = Self.gathering()
        for turn in 1...20 { #expect(!waits(&gathering, after: UInt64(turn) * 1000)) }
        #expect(gathering.holds == 0)
    }

    @Test("As long as half as many join as wait, it goes on")
    func pays() {
        var gathering = Self.gathering()
        for turn in 0..<10 {
            #expect(waits(&gathering, after: UInt64(turn) * 1000 + 500))
            #expect(!waits(&gathering, after: UInt64(turn) * 1000 + 1000, waiting: 10, joined: 5))
        }
        #expect(gathering.holds == 10)
        #expect(gathering.spared == 50)
    }

    @Test("Where too few join it rests, twice as long each time, up to a second")
    func rests() {
        var gathering = Self.gathering()
        var at: UInt64 = 0
        for rest: UInt64 in [8, 16, 32, 64, 128, 256, 512, 1000, 1000] {
            #expect(waits(&gathering, after: at + 500), "at \(at)")
            #expect(!waits(&gathering, after: at + 1000, waiting: 10, joined: 4))
            at += 1000
            // Sends go on meanwhile, one shortly before the rest is over.
            #expect(!waits(&gathering, after: at + rest * 1000 - 300))
            at += rest * 1000 - 300
        }
    }

    @Test("What waits is given up with the last connection that waited")
    func cancelled() {
        var gathering = Self.gathering()
        #expect(waits(&gathering, after: 500))
        gathering.cancel()
        #expect(gathering.deadline == nil)
    }

    @Test("What a busy loop holds back goes out by itself", arguments: BackendKind.allCases)
    func held(_ backend: BackendKind) throws {
        try withServer(backend) {
            $0.gatherLimit = .milliseconds(50)
        } handler: { _ in
            ScriptedHandler(EventLog()) { connection, bytes in
                let end = Clock.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) + 3 * Self.millisecond
                while Clock.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) < end {}
                connection.write(bytes)
            }
        } _: { server in
            let client = try server.client()
            let limit = MonotonicInstant.current.advanced(by: .seconds(30))
            while server.run({ $0.statistics.heldSends }) == 0 {
                try client.send("x")
                #expect(try client.receive(1) == Array("x".utf8))
                try #require(MonotonicInstant.current < limit, "the loop never held anything back")
            }
            client.close()
        }
    }
}
