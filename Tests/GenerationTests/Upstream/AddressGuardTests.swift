import Testing

@testable import Generation

struct AddressGuardTests {
    @Test(
        "private, loopback, link-local and other special addresses are refused, also inside of IPv6",
        arguments: [
            "127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%lo",
            "fc00::1", "fdff::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
            "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "not an address",
        ]
    )
    func refused(address: String) {
        #expect(!AddressGuard.publicOnly.allows(numeric: address))
        #expect(AddressGuard.open.allows(numeric: address))
    }

    @Test(
        "public addresses are allowed",
        arguments: [
            "1.1.1.1", "8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.167.255.255", "198.20.0.1",
            "2001:4860:4860::8888", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::",
        ]
    )
    func allowed(address: String) {
        #expect(AddressGuard.publicOnly.allows(numeric: address))
    }

    @Test("configured ranges are allowed besides public addresses, and nothing more")
    func configured() throws {
        let home = AddressGuard.allowing([try #require(AddressRange("10.0.0.0/8")), try #require(AddressRange("::1"))])
        #expect(home.allows(numeric: "10.9.8.7"))
        #expect(home.allows(numeric: "::1"))
        #expect(home.allows(numeric: "8.8.8.8"))
        #expect(!home.allows(numeric: "127.0.0.1"))
        #expect(!home.allows(numeric: "::2"))
    }

    @Test(
        "a range is an address with a length that fits it",
        arguments: ["10.0.0.0/33", "10.0.0.0/", "x/8", "::/129", ""]
    )
    func malformed(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
