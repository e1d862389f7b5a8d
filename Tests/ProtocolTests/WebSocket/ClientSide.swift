import Testing

@testable import HubProtocol

/// What a session told, with its views copied.
enum Received: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, String)
    case violation(UInt16, rfc: String)

    static func text(_ text: String) -> Received { .text(Array(text.utf8)) }

    init(_ event: WebSocketEvent) {
        switch event {
        case .text(let view): self = .text(view.array())
        case .binary(let view): self = .binary(view.array())
        case .ping(let view): self = .ping(view.array())
        case .pong(let view): self = .pong(view.array())
        case .close(let code, let reason): self = .close(code?.rawValue, reason.string())
        case .violation(let violation): self = .violation(violation.code.rawValue, rfc: violation.rfc)
        }
    }

    var isFinal: Bool {
        switch self {
        case .close, .violation: true
        default: false
        }
    }
}

/// A client's frame, right or wrong in any way.
struct ClientFrame {
    var first: UInt8
    var payload: [UInt8]
    var key: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    /// Bytes of the length field; nil for the shortest form.
    var lengthBytes: Int?

    static func data(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        fin: Bool = true,
        rsv1: Bool = false
    ) -> [UInt8] {
        ClientFrame(first: opcode.rawValue | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0), payload: payload).bytes
    }

    static func text(_ text: String, fin: Bool = true) -> [UInt8] {
        data(.text, Array(text.utf8), fin: fin)
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        data(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    var bytes: [UInt8] {
        let length = payload.count
        let size = lengthBytes ?? (length <= 125 ? 0 : length <= 0xFFFF ? 2 : 8)
        let short = size == 0 ? UInt8(length) : size == 2 ? 126 : 127
        var bytes = [first, short | (key == nil ? 0 : 0x80)]
        for index in 0..<size {
            bytes.append(UInt8(truncatingIfNeeded: length >> ((size - 1 - index) * 8)))
        }
        guard let key else { return bytes + payload }
        return bytes + key + payload.enumerated().map { $0.element ^ key[$0.offset % 4] }
    }
}

/// One way of running bytes through a fresh session.
struct SessionRun {
    var limits = WebSocketLimits()
    var deflate: DeflateParameters?

    func events(_ pieces: [[UInt8]]) -> [Received] {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(limits: limits, deflate: deflate)
        var events: [Received] = []
        for piece in pieces {
            DripFeed.lend(piece) { memory in
                session.receive(memory)
                while let event = session.next(codecs) { events.append(Received(event)) }
            }
        }
        return events
    }

    /// Expects the same events however the bytes come, and also between two neighbours.
    func expect(
        _ bytes: [UInt8],
        _ expected: [Received],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let alone = DripFeed.verify(bytes, sourceLocation: sourceLocation, decode: events)
        #expect(alone == expected, sourceLocation: sourceLocation)
        let before = ClientFrame.text("before", fin: false) + ClientFrame.data(.continuation, [0x21])
        let after = ClientFrame.data(.pong, [1, 2])
        let merged = DripFeed.verify(before + bytes + after, sourceLocation: sourceLocation, decode: events)
        let isFinal = expected.last?.isFinal == true
        #expect(
            merged == [.text("before!")] + expected + (isFinal ? [] : [.pong([1, 2])]),
            sourceLocation: sourceLocation
        )
    }

    func expectViolation(
        _ bytes: [UInt8],
        _ code: CloseCode,
        _ rfc: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(bytes, [.violation(code.rawValue, rfc: rfc)], sourceLocation: sourceLocation)
    }
}
