import Reactor
import Testing

@Suite struct PeerAddressTests {
    @Test func texts() {
        #expect(PeerAddress(ipv4: (192, 0, 2, 17), port: 80).description == "192.0.2.17:80")
        let documentation = PeerAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 0x0A, port: 443)
        #expect(documentation.description == "[2001:db8::a]:443")
        #expect(documentation.isIPv6)
    }

    @Test("An IPv4 address mapped into IPv6 is the IPv4 address")
    func mapped() {
        let mapped = PeerAddress(ipv6High: 0, low: 0xFFFF_7F00_0001, port: 1)
        #expect(mapped == PeerAddress(ipv4: (127, 0, 0, 1), port: 1))
        #expect(!mapped.isIPv6)
    }

    @Test func loopback() {
        #expect(PeerAddress(ipv4: (127, 8, 9, 10), port: 1).isLoopback)
        #expect(!PeerAddress(ipv4: (126, 0, 0, 1), port: 1).isLoopback)
        #expect(PeerAddress(ipv6High: 0, low: 1, port: 1).isLoopback)
        #expect(!PeerAddress(ipv6High: 1, low: 1, port: 1).isLoopback)
        #expect(!PeerAddress(ipv6High: 0, low: 0x7F00_0001, port: 1).isLoopback)
    }

    @Test func connectionIDs() {
        let id = ConnectionID(rawValue: 0x0300_0005_0000_0007)
        #expect(id.loop == 3)
        #expect(id.description == "3-7-5")
    }
}
