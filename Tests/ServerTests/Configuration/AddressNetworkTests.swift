import Testing

@testable import HubServer

@Suite("Addresses and networks")
struct AddressNetworkTests {
    @Test(
        "what is in a network",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false), ("192.0.2.128/25", "192.0.2.200", true),
            ("192.0.2.128/25", "192.0.2.1", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("10.0.0.0/8", "2001:db8::1", false), ("::1", "::1", true),
        ]
    )
    func contains(_ network: String, _ address: String, _ expected: Bool) throws {
        let bytes = try #require(AddressNetwork.bytes(of: address))
        #expect(try #require(AddressNetwork(network)).contains(bytes) == expected)
    }

    @Test(
        "what is none",
        arguments: ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "host", "1.2.3.4/"]
    )
    func malformed(_ text: String) {
        #expect(AddressNetwork(text) == nil)
    }
}
