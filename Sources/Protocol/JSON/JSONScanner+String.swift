extension JSONScanner {
    /// Scans the string whose opening quote is at `position`.
    @inline(__always)
    mutating func string() throws(JSONFault) -> JSONToken.Kind {
        position = PlainRun.end(in: bytes, from: position + 1, to: end)
        guard position < end, bytes[position] == UInt8(ascii: "\"") else { return try stringWithEscapes() }
        position += 1
        return .plainString
    }

    /// Goes on with a string at a byte that is not plain.
    private mutating func stringWithEscapes() throws(JSONFault) -> JSONToken.Kind {
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                return .escapedString
            case UInt8(ascii: "\\"):
                position += 1
                try escape()
            case 0: throw JSONFault(.nul, at: position)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): throw JSONFault(.lineBreak, at: position)
            default: throw JSONFault(.controlCharacter, at: position)
            }
            position = PlainRun.end(in: bytes, from: position, to: end)
        }
    }

    /// Scans what follows a backslash.
    private mutating func escape() throws(JSONFault) {
        let start = position - 1
        switch try peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            switch try fourHexDigits() {
            case 0: throw JSONFault(.nul, at: start)
            case 0xdc00...0xdfff: throw JSONFault(.loneSurrogate, at: start)
            case 0xd800...0xdbff:
                guard try peek() == UInt8(ascii: "\\") else { throw JSONFault(.loneSurrogate, at: start) }
                position += 1
                guard try peek() == UInt8(ascii: "u") else { throw JSONFault(.loneSurrogate, at: start) }
                position += 1
                guard (0xdc00...0xdfff).contains(try fourHexDigits()) else {
                    throw JSONFault(.loneSurrogate, at: start)
                }
            default: break
            }
        default: throw JSONFault(.malformedEscape, at: start)
        }
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HexDigit.value(of: try peek()) else { throw JSONFault(.malformedEscape, at: position) }
            code = code &<< 4 | digit
            position += 1
        }
        return code
    }
}

/// The digits of `\u` escapes.
enum HexDigit {
    static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    static let lowercase: StaticString = "0123456789abcdef"
}
