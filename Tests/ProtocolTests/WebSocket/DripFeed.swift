import Testing

/// Feeds the same bytes to a decoder in every way a network may cut them and holds that the outcome is the same:
/// whole, byte by byte, and at every two-way split.
///
/// A piece is handed out in memory of its own that is overwritten when the decoder is done with it, so a decoder that
/// keeps a view for too long is caught.
enum DripFeed {
    /// Returns what `decode` makes of the whole after holding all other ways against it.
    static func verify<Outcome: Equatable>(
        _ bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation,
        decode: ([[UInt8]]) -> Outcome
    ) -> Outcome {
        let whole = decode([bytes])
        #expect(decode(bytes.map { [$0] }) == whole, "byte by byte", sourceLocation: sourceLocation)
        for split in bytes.indices {
            let parts = [Array(bytes[..<split]), Array(bytes[split...])]
            let outcome = decode(parts)
            #expect(outcome == whole, "split at \(split)", sourceLocation: sourceLocation)
            if outcome != whole { break }
        }
        return whole
    }

    /// Lends a piece for the length of `body` and spoils it afterwards.
    static func lend(_ piece: [UInt8], _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        memory.copyBytes(from: piece)
        body(memory)
        memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
        memory.deallocate()
    }
}

/// Numbers that look random and are the same in every run (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func hex(_ text: String) -> [UInt8] {
    text.split(separator: " ").map { UInt8($0, radix: 16)! }
}
