import Testing

@testable import HubProtocol

@Suite("Session, limits: RFC 6455 §7.4.1, §10.4")
struct SessionLimitTests {
    private let small = SessionRun(limits: WebSocketLimits(maxFrameBytes: 10, maxMessageBytes: 15, maxFragments: 3))

    @Test("a frame at the limit passes, one byte more is 1009 at its header")
    func frame() {
        let ten = [UInt8](repeating: 1, count: 10)
        small.expect(ClientFrame.data(.binary, ten), [.binary(ten)])
        small.expectViolation(ClientFrame.data(.binary, ten + [1]), .tooBig, "RFC 6455 §7.4.1")
        let header = Array(ClientFrame.data(.binary, ten + [1])[..<6])
        #expect(small.events([header]) == [.violation(1009, rfc: "RFC 6455 §7.4.1")])
    }

    @Test("the longest length a header can promise is refused at the header")
    func promised() {
        let bytes = hex("82 FF 7F FF FF FF FF FF FF FF 00 00 00 00")
        small.expectViolation(bytes, .tooBig, "RFC 6455 §7.4.1")
    }

    @Test("fragments are summed, and the one beyond is refused at its header")
    func message() {
        let eight = [UInt8](repeating: 1, count: 8)
        let seven = [UInt8](repeating: 2, count: 7)
        let first = ClientFrame.data(.binary, eight, fin: false)
        small.expect(first + ClientFrame.data(.continuation, seven), [.binary(eight + seven)])
        let second = ClientFrame.data(.continuation, eight)
        small.expectViolation(first + second, .tooBig, "RFC 6455 §7.4.1")
        #expect(small.events([first + second[..<6]]) == [.violation(1009, rfc: "RFC 6455 §7.4.1")])
    }

    @Test("as many fragments as allowed pass, one more is 1009 even where all are empty")
    func fragments() {
        let empty = ClientFrame.data(.continuation, [], fin: false)
        let first = ClientFrame.data(.text, [], fin: false)
        small.expect(first + empty + ClientFrame.data(.continuation, [0x61]), [.text("a")])
        small.expectViolation(first + empty + empty + empty, .tooBig, "RFC 6455 §7.4.1")
    }

    @Test("control frames are not counted against a message")
    func controlFrames() {
        let ping = ClientFrame.data(.ping, [UInt8](repeating: 0, count: 20))
        let first = ClientFrame.data(.text, [], fin: false)
        let pings = [Received](repeating: .ping([UInt8](repeating: 0, count: 20)), count: 4)
        small.expect(first + ping + ping + ping + ping + ClientFrame.data(.continuation, []), pings + [.text("")])
    }

    @Test("65 536 fragments make one message where the limits allow")
    func manyFragments() {
        let run = SessionRun(
            limits: WebSocketLimits(maxFrameBytes: 1 << 24, maxMessageBytes: 1 << 24, maxFragments: 65_536)
        )
        var bytes = ClientFrame.data(.binary, [1], fin: false)
        for _ in 0..<65_534 { bytes += ClientFrame.data(.continuation, [1], fin: false) }
        bytes += ClientFrame.data(.continuation, [1])
        let isSame = run.events([bytes]) == [.binary([UInt8](repeating: 1, count: 65_536))]
        #expect(isSame)
    }

    @Test("limits of any size are safe to add to")
    func extremes() {
        let open = SessionRun(
            limits: WebSocketLimits(maxFrameBytes: .max, maxMessageBytes: .max, maxFragments: .max),
            deflate: DeflateParameters()
        )
        #expect(
            open.events([hex("82 FF 7F FF FF FF FF FF FF FF 00 00 00 00")]) == [
                .violation(1009, rfc: "RFC 6455 §7.4.1")
            ]
        )
        #expect(open.events([ClientFrame.data(.text, hex("F2 48 CD C9 C9 07 00"), rsv1: true)]) == [.text("Hello")])
        let closed = SessionRun(limits: WebSocketLimits(maxFrameBytes: -1, maxMessageBytes: -1, maxFragments: -1))
        #expect(closed.events([ClientFrame.data(.binary, [])]) == [.violation(1009, rfc: "RFC 6455 §7.4.1")])
    }
}
