import Reactor
import Testing

@testable import HubServer

@Suite("Connections of an address")
struct AddressLedgerTests {
    private let foreign = PeerAddress(ipv4: (192, 0, 2, 7), port: 1)
    private let proxy = PeerAddress(ipv4: (10, 0, 0, 1), port: 1)
    private let loopback = PeerAddress(ipv4: (127, 0, 0, 1), port: 1)

    private func ledger(connections: Int = 2, accepts: Int = 100) throws -> AddressLedger {
        AddressLedger(
            limits: .init(connections: connections, acceptsPerSecond: accepts),
            trusted: [try #require(AddressNetwork("10.0.0.0/8"))]
        )
    }

    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test("so many at once, and one more when one has left")
    func atOnce() throws {
        let ledger = try ledger()
        #expect(ledger.enter(foreign, now: at(1)) == .counted("192.0.2.7"))
        #expect(ledger.enter(foreign, now: at(1)) == .counted("192.0.2.7"))
        #expect(ledger.enter(foreign, now: at(1)) == .refused(.tooMany))
        ledger.leave("192.0.2.7", now: at(1))
        #expect(ledger.enter(foreign, now: at(1)) == .counted("192.0.2.7"))
    }

    @Test("so many a second, also where each leaves at once")
    func perSecond() throws {
        let ledger = try ledger(connections: 100, accepts: 3)
        for _ in 0..<3 {
            #expect(ledger.enter(foreign, now: at(5)) == .counted("192.0.2.7"))
            ledger.leave("192.0.2.7", now: at(5))
        }
        #expect(ledger.enter(foreign, now: at(5)) == .refused(.tooFast))
        #expect(ledger.enter(foreign, now: at(6)) == .counted("192.0.2.7"))
    }

    @Test("loopback and proxies are exempt; without limits everybody is")
    func exempt() throws {
        let ledger = try ledger(connections: 0)
        #expect(ledger.enter(loopback, now: at(1)) == .exempt)
        #expect(ledger.enter(proxy, now: at(1)) == .exempt)
        #expect(ledger.enter(foreign, now: at(1)) == .refused(.tooMany))
        let open = AddressLedger(limits: nil, trusted: [])
        #expect(open.enter(foreign, now: at(1)) == .exempt)
        #expect(open.enter(forwarded: ["192.0.2.9"], by: proxy, now: at(1)) == .exempt)
    }

    @Test("behind a proxy the last foreign address counts, and only a proxy's word")
    func forwarded() throws {
        let ledger = try ledger(connections: 1)
        let chain = ["198.51.100.1", "192.0.2.9", "10.0.0.2"]
        #expect(ledger.enter(forwarded: chain, by: proxy, now: at(1)) == .counted("192.0.2.9"))
        #expect(ledger.enter(forwarded: chain, by: proxy, now: at(1)) == .refused(.tooMany))
        #expect(ledger.enter(forwarded: chain, by: foreign, now: at(1)) == .exempt)
        #expect(ledger.enter(forwarded: [], by: proxy, now: at(1)) == .exempt)
        #expect(ledger.enter(forwarded: ["unknown"], by: proxy, now: at(1)) == .exempt)
        #expect(ledger.enter(forwarded: ["127.0.0.1"], by: proxy, now: at(1)) == .exempt)
    }

    @Test("of IPv6 a /64 counts as one address, and an IPv4 one that is mapped into it as itself")
    func prefixes() throws {
        let ledger = try ledger()
        #expect(ledger.enter(forwarded: ["2001:db8:1:2::1"], by: proxy, now: at(1)) == .counted("20010db800010002/64"))
        #expect(ledger.enter(forwarded: ["2001:db8:1:2:a:b:c:d"], by: proxy, now: at(1)) != .refused(.tooMany))
        #expect(ledger.enter(forwarded: ["2001:db8:1:2::2"], by: proxy, now: at(1)) == .refused(.tooMany))
        #expect(ledger.enter(forwarded: ["2001:db8:1:3::2"], by: proxy, now: at(1)) == .counted("20010db800010003/64"))
    }

    @Test("addresses that have gone are forgotten")
    func forgetting() throws {
        let ledger = try ledger()
        for number in 0..<5000 {
            let peer = PeerAddress(ipv4: (192, 0, UInt8(number / 256), UInt8(number % 256)), port: 1)
            guard case .counted(let address) = ledger.enter(peer, now: at(UInt64(number))) else {
                Issue.record("refused")
                return
            }
            ledger.leave(address, now: at(UInt64(number)))
        }
        #expect(ledger.count <= 1024)
    }
}
