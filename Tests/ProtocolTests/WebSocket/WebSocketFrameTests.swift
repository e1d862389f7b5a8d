import Testing

@testable import HubProtocol

@Suite("Server frames: RFC 6455 §5.2, §5.5")
struct WebSocketFrameTests {
    private func bytes(_ body: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        body(&bytes)
        return bytes
    }

    private func view<Result>(_ text: String, _ body: (ByteView) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes { body(ByteView($0)) }
    }

    @Test("the examples of §5.7")
    func examples() {
        view("Hello") { hello in
            #expect(bytes { WebSocketFrame.appendText(hello, into: &$0) } == hex("81 05 48 65 6C 6C 6F"))
            #expect(bytes { WebSocketFrame.appendBinary(hello, into: &$0) } == hex("82 05 48 65 6C 6C 6F"))
            #expect(bytes { WebSocketFrame.appendPing(hello, into: &$0) } == hex("89 05 48 65 6C 6C 6F"))
            #expect(bytes { WebSocketFrame.appendPong(hello, into: &$0) } == hex("8A 05 48 65 6C 6C 6F"))
        }
        #expect(bytes { WebSocketFrame.appendPing(into: &$0) } == hex("89 00"))
    }

    @Test(
        "lengths take their shortest form",
        arguments: [
            (0, "82 00"), (125, "82 7D"), (126, "82 7E 00 7E"), (256, "82 7E 01 00"), (65535, "82 7E FF FF"),
            (65536, "82 7F 00 00 00 00 00 01 00 00"),
        ]
    )
    func lengths(_ length: Int, _ text: String) {
        #expect(bytes { WebSocketFrame.appendHeader(opcode: .binary, length: length, into: &$0) } == hex(text))
        #expect(WebSocketFrame.headerLength(for: length) == hex(text).count)
    }

    @Test("fragments and compressed frames carry their bits")
    func bits() {
        #expect(
            bytes { WebSocketFrame.appendHeader(opcode: .text, fin: false, rsv1: true, length: 1, into: &$0) }
                == hex("41 01")
        )
    }

    @Test("control payloads are cut to 125 bytes")
    func longControl() {
        let ping = view(String(repeating: "x", count: 200)) { long in
            bytes { WebSocketFrame.appendPing(long, into: &$0) }
        }
        #expect(ping == [0x89, 125] + [UInt8](repeating: 0x78, count: 125))
    }

    @Test("a close frame carries code and reason, or neither")
    func close() {
        #expect(bytes { WebSocketFrame.appendClose(.normal, into: &$0) } == hex("88 02 03 E8"))
        #expect(
            bytes { WebSocketFrame.appendClose(.tooSlow, reason: "slow", into: &$0) } == hex("88 06 11 38 73 6C 6F 77")
        )
        #expect(bytes { WebSocketFrame.appendClose(nil, into: &$0) } == hex("88 00"))
        #expect(bytes { WebSocketFrame.appendClose(.noStatus, reason: "x", into: &$0) } == hex("88 00"))
    }

    @Test(
        "a code that must not be sent becomes 1011",
        arguments: [
            CloseCode.abnormal, .tlsFailure, .missingExtension, CloseCode(rawValue: 0), CloseCode(rawValue: 5000),
        ]
    )
    func unsendable(_ code: CloseCode) {
        #expect(bytes { WebSocketFrame.appendClose(code, into: &$0) } == hex("88 02 03 F3"))
    }

    @Test("a reason is cut to 123 bytes between two scalars")
    func longReason() {
        let ascii = bytes { WebSocketFrame.appendClose(.normal, reason: String(repeating: "a", count: 130), into: &$0) }
        #expect(ascii == hex("88 7D 03 E8") + [UInt8](repeating: 0x61, count: 123))
        let wide = bytes { WebSocketFrame.appendClose(.normal, reason: String(repeating: "€", count: 60), into: &$0) }
        #expect(wide.count == 2 + 2 + 123)
        let mixed = bytes {
            WebSocketFrame.appendClose(.normal, reason: "a" + String(repeating: "𝄞", count: 60), into: &$0)
        }
        #expect(mixed.count == 2 + 2 + 121)
        #expect(String(validating: mixed[4...], as: UTF8.self) == "a" + String(repeating: "𝄞", count: 30))
    }
}
