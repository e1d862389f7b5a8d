@testable import HubProtocol

/// Messages that a session told, sent again both ways: as a client's frames they are told again, as the hub's frames
/// (compressed where agreed) a client reads them as they were.
enum SessionEcho {
    static func check(_ events: [FuzzEvent], _ run: SessionRun) throws(BrokenPromise) {
        let messages = events.filter { event in
            if case .text = event { return true }
            if case .binary = event { return true }
            return false
        }
        try toHub(messages)
        try toClient(messages, run)
    }

    private static func toHub(_ messages: [FuzzEvent]) throws(BrokenPromise) {
        var bytes: [UInt8] = []
        for case let (first, payload)? in messages.map(frame) {
            FrameProgram.append(first, payload, key: UInt8(truncatingIfNeeded: payload.count), to: &bytes)
        }
        let told = try SessionRun(0).events([bytes])
        try hold(told == messages, "a message sent again came back as \(told)")
    }

    private static func toClient(_ messages: [FuzzEvent], _ run: SessionRun) throws(BrokenPromise) {
        let codecs = DeflateCodecs()
        var session = WebSocketSession(limits: run.limits, deflate: run.deflate)
        let inflater = Inflater(windowBits: run.deflate?.serverMaxWindowBits ?? 15)
        for case let (first, payload)? in messages.map(frame) {
            var bytes: [UInt8] = []
            payload.withUnsafeBytes {
                session.appendMessage(
                    ByteView($0),
                    text: first == 0x81,
                    compress: true,
                    codecs: codecs,
                    into: &bytes
                )
            }
            try hold(bytes[0] & 0xBF == first, "another opcode than asked for")
            let length = length(bytes)
            var content = Array(bytes.dropFirst(WebSocketFrame.headerLength(for: length)))
            try hold(content.count == length, "a frame that says another length than it has")
            if bytes[0] & 0x40 != 0 {
                if run.deflate?.serverNoContextTakeover == true { inflater.reset() }
                content = try DeflateFuzz.inflate([content], with: inflater, limit: payload.count)
            }
            try hold(content == payload, "a client reads another message than was sent")
        }
    }

    private static func frame(_ event: FuzzEvent) -> (first: UInt8, payload: [UInt8])? {
        switch event {
        case .text(let payload): (0x81, payload)
        case .binary(let payload): (0x82, payload)
        default: nil
        }
    }

    private static func length(_ frame: [UInt8]) -> Int {
        switch frame[1] {
        case 126: Int(frame[2]) << 8 | Int(frame[3])
        case 127: frame[2..<10].reduce(0) { $0 << 8 | Int($1) }
        default: Int(frame[1])
        }
    }
}
