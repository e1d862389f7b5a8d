import Testing

@testable import HubProtocol

@Suite("Handshake key: RFC 6455 §4.2.2")
struct HandshakeKeyTests {
    @Test("the sample of §1.3")
    func sample() {
        #expect(HandshakeKey.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        "base64 as RFC 4648 §10 has it",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func base64(_ plain: String, _ encoded: String) {
        #expect(HandshakeKey.base64(Array(plain.utf8)) == encoded)
    }

    @Test("base64 of bytes with all bits")
    func base64Binary() {
        #expect(HandshakeKey.base64([0xFF, 0xFE, 0xFD, 0x00]) == "//79AA==")
    }
}
