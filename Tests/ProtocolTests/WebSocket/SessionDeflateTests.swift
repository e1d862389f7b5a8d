import Testing

@testable import HubProtocol

@Suite("Session, permessage-deflate: RFC 7692 §6, §7.2")
struct SessionDeflateTests {
    private let hello = hex("F2 48 CD C9 C9 07 00")
    private let alone = SessionRun(deflate: DeflateParameters())
    private let takeover = SessionRun(
        deflate: DeflateParameters(serverNoContextTakeover: false, clientNoContextTakeover: false)
    )

    private func frame(_ payload: [UInt8], text: Bool = true) -> [UInt8] {
        ClientFrame.data(text ? .text : .binary, payload, rsv1: true)
    }

    @Test("the examples of §7.2.3: one block, stored, final, two blocks, empty")
    func examples() {
        alone.expect(frame(hello), [.text("Hello")])
        alone.expect(frame(hex("00 05 00 FA FF 48 65 6C 6C 6F 00")), [.text("Hello")])
        alone.expect(frame(hex("F3 48 CD C9 C9 07 00 00")), [.text("Hello")])
        alone.expect(frame(hex("F2 48 05 00 00 00 FF FF CA C9 C9 07 00")), [.text("Hello")])
        alone.expect(frame(hex("00")), [.text("")])
    }

    @Test("fragments of a compressed message: RSV1 on the first alone (§7.2.3.1)")
    func fragments() {
        let first = ClientFrame.data(.text, Array(hello[..<3]), fin: false, rsv1: true)
        let second = ClientFrame.data(.continuation, Array(hello[3...]))
        alone.expect(first + second, [.text("Hello")])
        alone.expect(first + ClientFrame.data(.ping, [1]) + second, [.ping([1]), .text("Hello")])
        let empty = ClientFrame.data(.text, [], fin: false, rsv1: true)
        alone.expect(empty + ClientFrame.data(.continuation, hello), [.text("Hello")])
        let marked = ClientFrame.data(.continuation, Array(hello[3...]), rsv1: true)
        alone.expectViolation(first + marked, .protocolError, "RFC 7692 §6.1")
    }

    @Test("plain messages pass beside compressed ones")
    func plain() {
        alone.expect(
            ClientFrame.text("x") + frame(hello) + ClientFrame.text("y"),
            [.text("x"), .text("Hello"), .text("y")]
        )
    }

    @Test("a message may refer to the one before under context takeover alone (§7.2.3.2)")
    func contextTakeover() {
        let second = hex("F2 00 11 00 00")
        takeover.expect(frame(hello) + frame(second), [.text("Hello"), .text("Hello")])
        alone.expect(
            frame(hello) + frame(second),
            [.text("Hello"), .violation(1007, rfc: "RFC 7692 §7.2.2")]
        )
    }

    @Test("a reference over a final block and a fragmented message")
    func takeoverOverFinalBlock() {
        let final = hex("F3 48 CD C9 C9 07 00 00")
        let first = ClientFrame.data(.text, Array(final[..<4]), fin: false, rsv1: true)
        let rest = ClientFrame.data(.continuation, Array(final[4...]))
        takeover.expect(first + rest + frame(hex("F2 00 11 00 00")), [.text("Hello"), .text("Hello")])
    }

    @Test("a final block may end the payload, and blocks may follow one")
    func finalBlocks() {
        takeover.expect(frame(hex("F3 48 CD C9 C9 07 00")) + frame(hello), [.text("Hello"), .text("Hello")])
        alone.expect(frame(hex("F3 48 CD C9 C9 07 00") + hello), [.text("HelloHello")])
        alone.expect(frame(hex("F3 48 CD C9 C9 07 00 F3 48 CD C9 C9 07 00")), [.text("HelloHello")])
    }

    @Test("a compressed frame without any byte is an empty message")
    func noBytes() {
        takeover.expect(frame([]) + frame(hello), [.text(""), .text("Hello")])
    }

    @Test(
        "corrupt data is 1007",
        arguments: [
            "07",  // a block of the reserved type
            "F2 48 CD",  // cut in the middle of a block
            "00 05 00 FB FF 48 65 6C 6C 6F 00",  // stored lengths that contradict each other
            "F2 00 11 00 00",  // a reference to what never was
            "F2 48 CD C9 C9 07 00 FF FF FF",  // rubbish behind the message
        ]
    )
    func corrupt(_ text: String) {
        alone.expectViolation(frame(hex(text)), .invalidPayload, "RFC 7692 §7.2.2")
    }

    @Test("inflated text is validated, over fragments too")
    func notUTF8() {
        let stored = hex("00 02 00 FD FF C3 28 00")
        alone.expectViolation(frame(stored), .invalidPayload, "RFC 6455 §8.1")
        alone.expect(frame(stored, text: false), [.binary([0xC3, 0x28])])
        alone.expectViolation(frame(hex("00 01 00 FE FF C3 00")), .invalidPayload, "RFC 6455 §8.1")
        let first = ClientFrame.data(.text, hex("00 02 00 FD FF C3 28"), fin: false, rsv1: true)
        #expect(alone.events([first]) == [.violation(1007, rfc: "RFC 6455 §8.1")])
    }

    @Test("inflating stops at the limit, for whole and fragmented messages")
    func bomb() {
        let codecs = DeflateCodecs(level: 9)
        var bomb: [UInt8] = []
        [UInt8](repeating: 0x61, count: 1_000_000).withUnsafeBytes {
            codecs.deflate(ByteView($0), windowBits: 15, into: &bomb)
        }
        #expect(bomb.count < 2000)
        let run = SessionRun(
            limits: WebSocketLimits(maxFrameBytes: 10_000, maxMessageBytes: 5000),
            deflate: DeflateParameters()
        )
        let tooBig: [Received] = [.violation(1009, rfc: "RFC 6455 §7.4.1")]
        #expect(run.events([frame(bomb)]) == tooBig)
        let first = ClientFrame.data(.text, Array(bomb[..<50]), fin: false, rsv1: true)
        #expect(run.events([first]) == tooBig)
    }

    @Test("a message inflated to exactly the limit passes, one byte more does not", arguments: [0, 1])
    func exactLimit(_ excess: Int) {
        let codecs = DeflateCodecs()
        let message = [UInt8](repeating: 0x61, count: 5000 + excess)
        var compressed: [UInt8] = []
        message.withUnsafeBytes { codecs.deflate(ByteView($0), windowBits: 15, into: &compressed) }
        let run = SessionRun(limits: WebSocketLimits(maxMessageBytes: 5000), deflate: DeflateParameters())
        let expected: [Received] = excess == 0 ? [.text(message)] : [.violation(1009, rfc: "RFC 6455 §7.4.1")]
        #expect(DripFeed.verify(frame(compressed), decode: run.events) == expected)
    }

    @Test("empty deflate blocks without end make no memory grow")
    func emptyBlocks() {
        let blocks = (0..<2000).flatMap { _ in hex("00 00 00 FF FF") }
        alone.expectPlain(frame(blocks + hello), [.text("Hello")])
    }

    @Test("the message limit counts inflated bytes, not those on the wire")
    func wireBytes() {
        let run = SessionRun(limits: WebSocketLimits(maxMessageBytes: 5), deflate: DeflateParameters())
        #expect(DripFeed.verify(frame(hello), decode: run.events) == [.text("Hello")])
    }

    @Test("compression without an agreement is 1002")
    func notAgreed() {
        SessionRun().expectViolation(frame(hello), .protocolError, "RFC 6455 §5.2")
    }

    private func sent(_ parameters: DeflateParameters?, _ messages: [[UInt8]], compress: Bool = true) -> [[UInt8]] {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(deflate: parameters)
        return messages.map { message in
            var bytes: [UInt8] = []
            message.withUnsafeBytes {
                session.appendMessage(ByteView($0), text: true, compress: compress, codecs: codecs, into: &bytes)
            }
            return bytes
        }
    }

    @Test("messages are compressed one by one, or with what came before as agreed")
    func sends() {
        let hellos = [Array("Hello".utf8), Array("Hello".utf8)]
        let both = sent(DeflateParameters(), hellos)
        #expect(both == [hex("C1 07") + hello, hex("C1 07") + hello])
        let follow = sent(DeflateParameters(serverNoContextTakeover: false), hellos)
        #expect(follow[0] == hex("C1 07") + hello)
        #expect(follow[1].count < follow[0].count)
    }

    @Test("empty messages in a row stay messages")
    func sendsEmpty() {
        let empty = sent(DeflateParameters(serverNoContextTakeover: false), [[], [], []])
        #expect(empty == [hex("C1 01 00"), hex("C1 01 00"), hex("C1 01 00")])
    }

    @Test("without agreement or wish a message goes as it is")
    func sendsPlain() {
        #expect(sent(nil, [[0x61]]) == [hex("81 01 61")])
        #expect(sent(DeflateParameters(), [[0x61]], compress: false) == [hex("81 01 61")])
    }

    @Test("what is sent under every agreement reads back", arguments: [false, true], [9, 10, 12, 15])
    func roundTrip(_ noTakeover: Bool, _ bits: Int) {
        var numbers = SeededNumbers(seed: 7)
        let messages = [0, 1, 100, 5000, 70_000].map { count in
            (0..<count).map { _ in UInt8.random(in: 0x61...0x64, using: &numbers) }
        }
        let frames = sent(
            DeflateParameters(serverNoContextTakeover: noTakeover, serverMaxWindowBits: bits),
            messages + messages
        )
        let reader = SessionRun(
            deflate: DeflateParameters(clientNoContextTakeover: noTakeover, clientMaxWindowBits: bits)
        )
        let masked = frames.map { frame -> [UInt8] in
            let size = frame[1] < 126 ? 2 : frame[1] == 126 ? 4 : 10
            return ClientFrame.data(.text, Array(frame[size...]), rsv1: true)
        }
        let isSame = reader.events(masked) == (messages + messages).map { .text($0) }
        #expect(isSame)
    }
}

extension SessionRun {
    /// As `expect`, for input too long to be cut everywhere.
    func expectPlain(_ bytes: [UInt8], _ expected: [Received], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(events([bytes]) == expected, sourceLocation: sourceLocation)
        #expect(events(bytes.map { [$0] }) == expected, sourceLocation: sourceLocation)
    }
}
