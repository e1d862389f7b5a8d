@testable import HubProtocol

/// Messages compressed and inflated again, and noise inflated: what goes in comes out, limits hold to the byte, and noise
/// gives the same in whatever pieces it comes.
///
/// Input: settings (bits 0–2: window, 3: context takeover, 4–5: level, 7: the rest is compressed data), a seed for the
/// cuts, the bytes; without bit 7 the messages are separated by FF.
enum DeflateFuzz {
    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        var reader = FuzzInput(input)
        let options = reader.byte()
        let seed = reader.byte()
        let rest = reader.rest()
        if options & 0x80 == 0 {
            try roundTrip(rest.split(separator: 0xFF, omittingEmptySubsequences: false).map(Array.init), options, seed)
        } else {
            try noise(rest, seed)
        }
    }

    private static func roundTrip(_ messages: [[UInt8]], _ options: UInt8, _ seed: UInt8) throws(BrokenPromise) {
        let windowBits = 9 + Int(options & 7) % 7
        let takesOver = options & 0x08 != 0
        let codecs = DeflateCodecs(level: 1 + Int(options >> 4 & 3) * 2, memoryLevel: 1 + Int(seed & 7))
        let deflater = codecs.makeDeflater(windowBits: windowBits)
        let inflater = Inflater(windowBits: windowBits)
        for message in messages {
            if !takesOver {
                deflater.reset()
                inflater.reset()
            }
            var compressed: [UInt8] = []
            try Lent.view(message) { view throws(BrokenPromise) in
                codecs.deflate(view, with: deflater) { compressed = $0.array() }
            }
            try hold(compressed.count <= message.count + message.count / 100 + 64, "compressing blew the message up")
            let pieces = Cuts.random(compressed, seed: seed)
            let inflated = try inflate(pieces, with: inflater, limit: message.count)
            try hold(inflated == message, "other bytes came out than went in")
            guard !takesOver, !message.isEmpty else { continue }
            inflater.reset()
            let short = outcome(pieces, with: inflater, limit: message.count - 1)
            try hold(short == .failure(1009), "one byte over the limit and not refused")
        }
    }

    private static func noise(_ bytes: [UInt8], _ seed: UInt8) throws(BrokenPromise) {
        let limit = 4096
        let whole = outcome([bytes], with: Inflater(windowBits: 15), limit: limit)
        if case .success(let content) = whole { try hold(content.count <= limit, "inflated over the limit") }
        let inflater = Inflater(windowBits: 15)
        try hold(outcome(Cuts.byteByByte(bytes), with: inflater, limit: limit) == whole, "byte by byte it is different")
        inflater.reset()
        try hold(
            outcome(Cuts.random(bytes, seed: seed), with: inflater, limit: limit) == whole,
            "in pieces, behind another message, it is different"
        )
    }

    /// What a message inflates to, or the code to close with.
    enum Outcome: Equatable {
        case success([UInt8])
        case failure(UInt16)
    }

    static func outcome(_ pieces: [[UInt8]], with inflater: Inflater, limit: Int) -> Outcome {
        var output = MessageBuffer()
        do throws(ProtocolViolation) {
            for piece in pieces {
                let failure: ProtocolViolation? = piece.withUnsafeBytes { bytes in
                    do throws(ProtocolViolation) {
                        try inflater.append(ByteView(bytes), into: &output, limit: limit)
                        return nil
                    } catch {
                        return error
                    }
                }
                if let failure { throw failure }
            }
            try inflater.finish(into: &output, limit: limit)
        } catch {
            return .failure(error.code.rawValue)
        }
        return .success(output.view.array())
    }

    static func inflate(
        _ pieces: [[UInt8]],
        with inflater: Inflater,
        limit: Int
    ) throws(BrokenPromise) -> [UInt8] {
        switch outcome(pieces, with: inflater, limit: limit) {
        case .success(let bytes): return bytes
        case .failure(let code): throw BrokenPromise(description: "what was compressed here is refused with \(code)")
        }
    }
}
