@testable import HubProtocol

/// A client's bytes through `WebSocketSession`: however they are cut, the events are the same; nothing told breaks a rule
/// or a limit; memory stays within the limits; what came in comes out again.
///
/// Input: settings (bits 0–1: deflate, 2–3: limits, 7: the rest is a `FrameProgram` instead of raw bytes), a seed for the
/// cuts, the bytes.
enum SessionFuzz {
    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        var reader = FuzzInput(input)
        let options = reader.byte()
        let seed = reader.byte()
        let run = SessionRun(options)
        let rest = reader.rest()
        let bytes = options & 0x80 == 0 ? rest : FrameProgram.bytes(rest)

        let whole = try run.events([bytes])
        try same(whole, try run.events(Cuts.byteByByte(bytes)), run, "byte by byte")
        try same(whole, try run.events(Cuts.random(bytes, seed: seed)), run, "in random pieces")
        try check(whole, run, inputBytes: bytes.count)
        try SessionEcho.check(whole, run)
    }

    private static func same(
        _ whole: [FuzzEvent],
        _ cut: [FuzzEvent],
        _ run: SessionRun,
        _ how: String
    ) throws(BrokenPromise) {
        guard whole != cut else { return }
        // A compressed text may be corrupt, too big and no UTF-8 at once: which of it is met first depends on the cut.
        if run.deflate != nil, whole.dropLast() == cut.dropLast(),
            case .violation(let one)? = whole.last, case .violation(let other)? = cut.last,
            [1007, 1009].contains(one.code.rawValue), [1007, 1009].contains(other.code.rawValue)
        {
            return
        }
        throw BrokenPromise(description: "\(how) other events come out: \(whole) whole, \(cut) cut")
    }

    private static func check(_ events: [FuzzEvent], _ run: SessionRun, inputBytes: Int) throws(BrokenPromise) {
        try hold(events.count <= inputBytes / 2 + 1, "more events than the bytes can hold")
        for (index, event) in events.enumerated() {
            switch event {
            case .text(let payload):
                try hold(payload.count <= run.limits.maxMessageBytes, "a text over the limit")
                try hold(String(validating: payload, as: UTF8.self) != nil, "a text that is not UTF-8")
            case .binary(let payload):
                try hold(payload.count <= run.limits.maxMessageBytes, "a message over the limit")
            case .ping(let payload), .pong(let payload):
                try hold(payload.count <= 125, "a long control frame")
            case .close(let code, let reason):
                try hold(code?.isValidOnWire ?? reason.isEmpty, "a close code that is not one")
                try hold(String(validating: reason, as: UTF8.self) != nil, "a reason that is not UTF-8")
                try hold(index == events.count - 1, "an event behind the close frame")
            case .violation(let violation):
                try hold([1002, 1007, 1009].contains(violation.code.rawValue), "an unlikely code: \(violation)")
                try hold(index == events.count - 1, "an event behind a violation")
            }
        }
    }
}

/// What a session told, with its views copied.
enum FuzzEvent: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(CloseCode?, [UInt8])
    case violation(ProtocolViolation)

    init(_ event: WebSocketEvent) {
        switch event {
        case .text(let view): self = .text(view.array())
        case .binary(let view): self = .binary(view.array())
        case .ping(let view): self = .ping(view.array())
        case .pong(let view): self = .pong(view.array())
        case .close(let code, let reason): self = .close(code, reason.array())
        case .violation(let violation): self = .violation(violation)
        }
    }
}

/// The settings of one input, and a way through a fresh session with them.
struct SessionRun {
    let limits: WebSocketLimits
    let deflate: DeflateParameters?

    init(_ options: UInt8) {
        let takesOver = options & 0x03 == 2
        deflate =
            switch options & 0x03 {
            case 0: nil
            case 3: DeflateParameters(serverMaxWindowBits: 9, clientMaxWindowBits: 8)
            default: DeflateParameters(serverNoContextTakeover: !takesOver, clientNoContextTakeover: !takesOver)
            }
        limits =
            switch options >> 2 & 0x03 {
            case 0: WebSocketLimits()
            case 1: WebSocketLimits(maxFrameBytes: 200, maxMessageBytes: 300, maxFragments: 4)
            case 2: WebSocketLimits(maxFrameBytes: 4096, maxMessageBytes: 16, maxFragments: 64)
            default: WebSocketLimits(maxFrameBytes: 0, maxMessageBytes: 0, maxFragments: 1)
            }
    }

    func events(_ pieces: [[UInt8]]) throws(BrokenPromise) -> [FuzzEvent] {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(limits: limits, deflate: deflate)
        var events: [FuzzEvent] = []
        for piece in pieces {
            try Lent.memory(piece) { memory throws(BrokenPromise) in
                session.receive(memory)
                while let event = session.next(codecs) { events.append(FuzzEvent(event)) }
                // A buffer doubles, and the last step of inflating asks for half a kilobyte at least.
                let most = 2 * (limits.maxMessageBytes + 512)
                try hold(session.partial?.messageCapacity ?? 0 <= most, "a message under way outgrew its limit")
                try hold(codecs.inflated.capacity <= most, "inflating outgrew its limit")
            }
        }
        try closes(&session, events)
        return events
    }

    /// Ends the session the way its state asks for.
    private func closes(_ session: inout WebSocketSession, _ events: [FuzzEvent]) throws(BrokenPromise) {
        var bytes: [UInt8] = []
        switch events.last {
        case .close(let code, _):
            session.answerClose(into: &bytes)
            try hold(bytes == frame(code), "the answer to a close frame is another one")
        case .violation(let violation):
            session.close(violation.code, into: &bytes)
            try hold(bytes == frame(violation.code), "a violation is closed with something else")
        default:
            session.close(.goingAway, into: &bytes)
            try hold(bytes == frame(.goingAway), "a close frame that is not one")
            try hold(session.state == .closeSent, "the close frame is out and the state does not say so")
            return
        }
        try hold(session.state == .closed, "answered and not closed")
        session.close(.normal, into: &bytes)
        try hold(bytes.count <= 4, "a second close frame")
    }

    private func frame(_ code: CloseCode?) -> [UInt8] {
        guard let code else { return [0x88, 0] }
        return [0x88, 2, UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
    }
}
