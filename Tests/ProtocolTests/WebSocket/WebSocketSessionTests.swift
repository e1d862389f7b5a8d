import Testing

@testable import HubProtocol

@Suite("Session, reading: RFC 6455 §5, §6")
struct WebSocketSessionTests {
    private let run = SessionRun()

    @Test("the masked Hello of §5.7")
    func hello() {
        run.expect(hex("81 85 37 FA 21 3D 7F 9F 4D 51 58"), [.text("Hello")])
    }

    @Test("messages of every length form", arguments: [0, 1, 125, 126, 127, 300])
    func lengths(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        run.expect(ClientFrame.data(.binary, payload), [.binary(payload)])
    }

    @Test("a message with a 64-bit length, in pieces of many sizes", arguments: [1, 7, 1000, 4096, 65536, 80_000])
    func long(_ step: Int) {
        let payload = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = ClientFrame.data(.binary, payload)
        let pieces = stride(from: 0, to: bytes.count, by: step).map { Array(bytes[$0..<min($0 + step, bytes.count)]) }
        let isSame = run.events(pieces) == [.binary(payload)]
        #expect(isSame)
    }

    @Test("pings and pongs, empty and full")
    func pings() {
        let full = [UInt8](repeating: 9, count: 125)
        run.expect(ClientFrame.data(.ping, []), [.ping([])])
        run.expect(ClientFrame.data(.ping, full) + ClientFrame.data(.pong, full), [.ping(full), .pong(full)])
    }

    @Test("fragments make one message")
    func fragments() {
        let bytes = ClientFrame.text("Hel", fin: false) + ClientFrame.data(.continuation, Array("lo".utf8))
        run.expect(bytes, [.text("Hello")])
    }

    @Test("empty fragments are fragments")
    func emptyFragments() {
        let bytes =
            ClientFrame.data(.binary, [], fin: false) + ClientFrame.data(.continuation, [], fin: false)
            + ClientFrame.data(.continuation, [])
        run.expect(bytes, [.binary([])])
    }

    @Test("control frames between fragments come at once and disturb nothing")
    func interleaved() {
        let bytes =
            ClientFrame.text("a", fin: false) + ClientFrame.data(.ping, [1])
            + ClientFrame.data(.continuation, [0x62], fin: false) + ClientFrame.data(.pong, [2])
            + ClientFrame.data(.ping, [3, 4]) + ClientFrame.data(.continuation, [0x63])
        run.expect(bytes, [.ping([1]), .pong([2]), .ping([3, 4]), .text("abc")])
    }

    @Test("a close between fragments ends the message")
    func closeBetweenFragments() {
        run.expect(ClientFrame.text("a", fin: false) + ClientFrame.close(1000), [.close(1000, "")])
    }

    @Test("a character may be spread over fragments")
    func characterOverFragments() {
        let euro = Array("€".utf8)
        let bytes =
            ClientFrame.data(.text, [euro[0]], fin: false) + ClientFrame.data(.continuation, [euro[1]], fin: false)
            + ClientFrame.data(.continuation, [euro[2]])
        run.expect(bytes, [.text("€")])
    }

    @Test("several messages in one read come in order")
    func several() {
        let bytes = ClientFrame.text("1") + ClientFrame.data(.ping, []) + ClientFrame.text("2") + ClientFrame.text("3")
        run.expect(bytes, [.text("1"), .ping([]), .text("2"), .text("3")])
    }

    @Test("broken fragment order is 1002")
    func fragmentOrder() {
        let lone = ClientFrame.data(.continuation, [1])
        run.expectViolation(lone, .protocolError, "RFC 6455 §5.4")
        let nested = ClientFrame.text("a", fin: false) + ClientFrame.text("b")
        run.expectViolation(nested, .protocolError, "RFC 6455 §5.4")
        let afterEnd =
            ClientFrame.text("a", fin: false) + ClientFrame.data(.continuation, [0x62])
            + ClientFrame.data(.continuation, [0x63])
        run.expect(afterEnd, [.text("ab"), .violation(1002, rfc: "RFC 6455 §5.4")])
    }

    @Test("header rules reach the session: masking, opcodes, bits, lengths, control frames")
    func headerRules() {
        let frames: [(ClientFrame, String)] = [
            (ClientFrame(first: 0x81, payload: [0x41], key: nil), "RFC 6455 §5.1"),
            (ClientFrame(first: 0x83, payload: []), "RFC 6455 §5.2"),
            (ClientFrame(first: 0x8B, payload: []), "RFC 6455 §5.2"),
            (ClientFrame(first: 0xC1, payload: []), "RFC 6455 §5.2"),
            (ClientFrame(first: 0xA1, payload: []), "RFC 6455 §5.2"),
            (ClientFrame(first: 0x91, payload: []), "RFC 6455 §5.2"),
            (ClientFrame(first: 0x09, payload: []), "RFC 6455 §5.5"),
            (ClientFrame(first: 0x89, payload: [UInt8](repeating: 0, count: 126)), "RFC 6455 §5.5"),
            (ClientFrame(first: 0x81, payload: [0x41], lengthBytes: 2), "RFC 6455 §5.2"),
            (ClientFrame(first: 0x81, payload: [0x41], lengthBytes: 8), "RFC 6455 §5.2"),
        ]
        for (frame, rfc) in frames { run.expectViolation(frame.bytes, .protocolError, rfc) }
    }

    @Test("text that is not UTF-8 is 1007, binary may be anything")
    func notUTF8() {
        let wrong: [UInt8] = [0x61, 0xED, 0xA0, 0x80]
        run.expectViolation(ClientFrame.data(.text, wrong), .invalidPayload, "RFC 6455 §8.1")
        run.expectViolation(ClientFrame.data(.text, [0xC3]), .invalidPayload, "RFC 6455 §8.1")
        run.expect(ClientFrame.data(.binary, wrong), [.binary(wrong)])
        let cut = ClientFrame.data(.text, [0xE2], fin: false) + ClientFrame.data(.continuation, [0x82])
        run.expectViolation(cut, .invalidPayload, "RFC 6455 §8.1")
    }

    @Test("a message fails at its first wrong byte, in the middle of a frame and of a message")
    func failsFast() {
        var frame = ClientFrame.data(.text, Array("κόσμε".utf8) + [0xF4, 0x90] + [UInt8](repeating: 0x61, count: 20))
        frame.removeLast(20)
        #expect(run.events([frame]) == [.violation(1007, rfc: "RFC 6455 §8.1")])
        frame.removeLast(1)
        #expect(run.events([frame]) == [])
        let fragment = ClientFrame.data(.text, [0x61, 0xFF], fin: false)
        #expect(run.events([fragment]) == [.violation(1007, rfc: "RFC 6455 §8.1")])
    }

    @Test("after a violation nothing more is read")
    func silentAfterViolation() {
        let bytes = ClientFrame.data(.continuation, []) + ClientFrame.text("x")
        #expect(run.events([bytes, ClientFrame.text("y")]) == [.violation(1002, rfc: "RFC 6455 §5.4")])
    }

    @Test("a whole frame is lent out where it lies")
    func inPlace() {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(deflate: nil)
        var frame = ClientFrame.text("Hello")
        frame.withUnsafeMutableBytes { bytes in
            session.receive(bytes)
            guard case .text(let view) = session.next(codecs) else {
                Issue.record("no text")
                return
            }
            view.withUnsafeBytes { #expect($0.baseAddress == UnsafeRawPointer(bytes.baseAddress! + 6)) }
            #expect(session.next(codecs) == nil)
        }
        #expect(Array(frame[6...]) == Array("Hello".utf8))
    }

    @Test("an idle session is small and owns no heap memory, also after a message in pieces")
    func idle() {
        #expect(MemoryLayout<WebSocketSession>.size <= 96)
        let codecs = DeflateCodecs()
        var session = WebSocketSession(deflate: DeflateParameters())
        let compressed = ClientFrame.data(.text, hex("F2 48 CD C9 C9 07 00"), rsv1: true)
        for bytes in [ClientFrame.text("a"), compressed, ClientFrame.data(.ping, [1])] {
            for piece in [bytes[..<3], bytes[3...]] {
                DripFeed.lend(Array(piece)) { memory in
                    session.receive(memory)
                    while session.next(codecs) != nil {}
                }
                #expect((session.partial == nil) == (piece.startIndex == 3))
            }
        }
        #expect(session.ownInflater == nil)
    }

    @Test("memory follows what has come, not what a header promises")
    func noPreallocation() {
        let codecs = DeflateCodecs()
        let size = 16 * 1024 * 1024
        var session = WebSocketSession(
            limits: WebSocketLimits(maxFrameBytes: size, maxMessageBytes: size),
            deflate: nil
        )
        DripFeed.lend(hex("82 FF 00 00 00 00 01 00 00 00 00 00 00 00") + [1, 2, 3]) { memory in
            session.receive(memory)
            #expect(session.next(codecs) == nil)
        }
        #expect(session.partial?.messageCapacity ?? .max <= 64)
    }

    @Test("random bytes never trap and end in at most one final event", arguments: 0..<20)
    func randomBytes(_ seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        for round in 0..<200 {
            let run = SessionRun(
                limits: WebSocketLimits(maxFrameBytes: 500, maxMessageBytes: 800, maxFragments: 5),
                deflate: round % 2 == 0 ? nil : DeflateParameters(clientNoContextTakeover: round % 4 == 1)
            )
            var pieces: [[UInt8]] = []
            for _ in 0..<Int.random(in: 1...12, using: &numbers) {
                let opcode = UInt8.random(in: 0...10, using: &numbers)
                let first =
                    opcode | (Bool.random(using: &numbers) ? 0x80 : 0)
                    | (Int.random(in: 0..<4, using: &numbers) == 0 ? 0x40 : 0)
                let count = Int.random(in: 0...200, using: &numbers)
                let payload = (0..<count).map { _ in UInt8.random(in: 0...0x7F, using: &numbers) }
                var bytes = ClientFrame(first: first, payload: payload).bytes
                if Int.random(in: 0..<6, using: &numbers) == 0 {
                    bytes[Int.random(in: bytes.indices, using: &numbers)] ^= UInt8.random(in: 1...255, using: &numbers)
                }
                pieces.append(bytes)
            }
            let all = pieces.flatMap { $0 }
            let events = run.events(pieces)
            #expect(events.dropLast().allSatisfy { !$0.isFinal })
            #expect(run.events([all]) == events)
            #expect(run.events(all.map { [$0] }).count == events.count)
        }
    }
}
