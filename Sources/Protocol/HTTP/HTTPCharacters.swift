/// The character classes of HTTP/1.1 (RFC 9110 §5.5, §5.6.2; RFC 9112 §3).
enum HTTPCharacters {
    /// Letters, digits and `!#$%&'*+-.^_`|~`: what names, methods and tokens are made of.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Whether the text is a token of at least one character.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isToken($0) }
    }

    /// What a header value may hold: everything but control characters, with the tab allowed.
    static func isValue(_ byte: UInt8) -> Bool {
        byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
    }

    /// What a request target may hold: visible ASCII without the fragment mark. Browsers send `"`, `{`, `|` and the
    /// like unescaped in queries, so those pass.
    static func isTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    /// What a Host may hold (RFC 3986 §3.2.2), brackets and colons of IPv6 addresses included.
    static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"): false
        default: isToken(byte)
        }
    }

    /// A space or a tab.
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// ASCII letters in lower case, other bytes as they are.
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether two texts differ at most in the case of ASCII letters.
    static func equalIgnoringCase(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        left.lazy.map { lowercase($0) }.elementsEqual(right.lazy.map { lowercase($0) })
    }

    /// The value of a decimal digit.
    static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }

    /// The value of a hexadecimal digit.
    static func hexDigit(_ byte: UInt8) -> Int? {
        switch lowercase(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(lowercase(byte) - UInt8(ascii: "a")) + 10
        default: digit(byte)
        }
    }
}
