import Testing

@testable import HubProtocol

@Suite("Origin: RFC 6454 §7")
struct OriginTests {
    @Test("hosts are compared without case, ports with their defaults, schemes not at all")
    func sameHost() throws {
        let cases: [(String, String, Bool)] = [
            ("http://a.com", "a.com", true), ("https://a.com", "a.com", true), ("http://A.com", "a.COM", true),
            ("http://a.com", "a.com:80", true), ("https://a.com", "a.com:443", true),
            ("https://a.com", "a.com:80", false),
            ("http://a.com:8080", "a.com:8080", true), ("http://a.com:8080", "a.com", false),
            ("http://a.com", "a.com:8080", false),
            ("http://[::1]:8080", "[::1]:8080", true), ("http://[::1]", "[::1]", true),
            ("http://[::1]", "[::2]", false),
            ("http://b.com", "a.com", false), ("http://a.com.b.com", "a.com", false), ("http://a.com", "", false),
            ("http://a.com", "a.com:x", false), ("http://a.com", "a.com:99999", false),
        ]
        for (origin, host, expected) in cases {
            #expect(try #require(Origin(origin)).isSameHost(as: host) == expected, "\(origin) at \(host)")
        }
    }

    @Test("where the request is known to be encrypted, a page that is not comes from elsewhere")
    func encrypted() throws {
        let cases: [(String, String, Bool)] = [
            ("https://a.com", "a.com", true), ("https://a.com:8443", "a.com:8443", true),
            ("https://a.com", "b.com", false),
            ("http://a.com", "a.com", false), ("http://a.com:8443", "a.com:8443", false),
            ("ws://a.com", "a.com", false),
        ]
        for (origin, host, expected) in cases {
            let found = try #require(Origin(origin)).isSameHost(as: host, encrypted: true)
            #expect(found == expected, "\(origin) at \(host)")
        }
    }

    @Test("equal origins are equal however spelled")
    func equality() {
        #expect(Origin("https://a.com") == Origin("HTTPS://A.com:443"))
        #expect(Origin("https://a.com") != Origin("http://a.com"))
        #expect(Origin("wss://a.com") != Origin("https://a.com"))
    }

    @Test(
        "what is no web origin is none",
        arguments: [
            "null", "", "a.com", "http://", "http://:80", "http://a.com/path", "http://a.com:", "http://a.com:70000",
            "http://a.com:+80", "http://a b", "http://::1", "file://x", "http:a.com", "http://user@a.com",
        ]
    )
    func invalid(_ text: String) {
        #expect(Origin(text) == nil)
    }
}
