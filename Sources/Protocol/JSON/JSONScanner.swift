/// Reads JSON (RFC 8259) where it lies: checks it and tells where values are, copies nothing, allocates nothing.
///
/// The grammar, by its first byte:
///
///     value  = "{" members "}" / "[" values "]" / string / number / "true" / "false" / "null"
///     string = quote *( byte >= 0x20 but quote and backslash / escape ) quote
///     number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "+" / "-" ] 1*digit ]
///
/// Stricter than the RFC, as the contract asks: U+0000 (raw or escaped) and lone surrogates are refused
/// everywhere, nesting is bounded, and where `lineBreaks` is false a raw CR or LF is refused even between values.
/// That the bytes are UTF-8 is the caller's to know (`JSONText.isValid` checks that too). Nesting is kept in
/// 64 bits, so input decides nothing about memory or the stack.
///
/// Isolation: none; a value. Unsafe memory: it reads through the view's pointer, each time behind a comparison
/// with the text's length.
public struct JSONScanner {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    let depthLimit: Int
    let lineBreaks: Bool

    /// The index of the next byte to be read.
    public internal(set) var position = 0

    /// The deepest nesting that can be asked for.
    public static let deepest = 64

    /// A scanner at the start of a text. `depth` counts open arrays and objects: default 32, at most 64; more
    /// is a fault. `lineBreaks` tells whether CR and LF count as white space.
    public init(_ text: ByteView, depth: Int = 32, lineBreaks: Bool = true) {
        bytes = text.base ?? ("" as StaticString).utf8Start  // an address that is never read
        end = text.count
        depthLimit = Swift.min(Swift.max(depth, 0), JSONScanner.deepest)
        self.lineBreaks = lineBreaks
    }

    /// Scans one value with white space around it, and nothing behind it.
    public mutating func document() throws(JSONFault) -> JSONToken {
        try skipWhitespace()
        let token = try value(inside: 0)
        try expectEnd()
        return token
    }

    /// Checks that only white space is left.
    public mutating func expectEnd() throws(JSONFault) {
        try skipWhitespace()
        guard position == end else { throw JSONFault(.trailingBytes, at: position) }
    }

    /// Scans the value that starts at `position`, inside `depth` open arrays and objects.
    public mutating func value(inside depth: Int) throws(JSONFault) -> JSONToken {
        let lower = position
        let kind: JSONToken.Kind
        switch try peek() {
        case UInt8(ascii: "{"):
            kind = .object
            try containers(inside: depth)
        case UInt8(ascii: "["):
            kind = .array
            try containers(inside: depth)
        default:
            kind = try scalar()
        }
        return JSONToken(kind, lower, position)
    }

    /// Scans an opened array or object to its end, with all that is in it.
    private mutating func containers(inside depth: Int) throws(JSONFault) {
        var open = 0
        var objects: UInt64 = 0  // a bit an open container, innermost lowest; 1: object
        values: while true {
            let byte = try peek()
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard depth + open < depthLimit else { throw JSONFault(.tooDeep, at: position) }
                let isObject = byte == UInt8(ascii: "{")
                open += 1
                objects = objects &<< 1 | (isObject ? 1 : 0)
                position += 1
                try skipWhitespace()
                if try peek() != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject { _ = try name() }
                    continue values
                }
            } else {
                _ = try scalar()
                try skipWhitespace()
            }
            // Behind a value, or before the end of an empty container.
            while true {
                let byte = try peek()
                if byte == UInt8(ascii: ",") {
                    position += 1
                    try skipWhitespace()
                    if objects & 1 == 1 { _ = try name() }
                    continue values
                }
                guard byte == (objects & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONFault(.unexpectedByte, at: position)
                }
                position += 1
                open -= 1
                objects &>>= 1
                if open == 0 { return }
                try skipWhitespace()
            }
        }
    }

    /// Scans a member's name, the colon, and the white space around it.
    @inline(__always)
    mutating func name() throws(JSONFault) -> JSONToken {
        guard try peek() == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position) }
        let lower = position
        let kind = try string()
        let token = JSONToken(kind, lower, position)
        try skipWhitespace()
        guard try peek() == UInt8(ascii: ":") else { throw JSONFault(.unexpectedByte, at: position) }
        position += 1
        try skipWhitespace()
        return token
    }

    @inline(__always)
    private mutating func scalar() throws(JSONFault) -> JSONToken.Kind {
        switch try peek() {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .true)
        case UInt8(ascii: "f"): return try literal("false", .false)
        case UInt8(ascii: "n"): return try literal("null", .null)
        case 0: throw JSONFault(.nul, at: position)
        default: throw JSONFault(.unexpectedByte, at: position)
        }
    }

    private mutating func literal(_ text: StaticString, _ kind: JSONToken.Kind) throws(JSONFault) -> JSONToken.Kind {
        let length = text.utf8CodeUnitCount
        for index in 0..<length {
            guard try peek() == text.utf8Start[index] else { throw JSONFault(.unexpectedByte, at: position) }
            position += 1
        }
        return kind
    }

    @inline(__always)
    func peek() throws(JSONFault) -> UInt8 {
        guard position < end else { throw JSONFault(.endsEarly, at: end) }
        return bytes[position]
    }

    @inline(__always)
    mutating func skipWhitespace() throws(JSONFault) {
        while position < end, bytes[position] <= UInt8(ascii: " ") {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                guard lineBreaks else { throw JSONFault(.lineBreak, at: position) }
            case 0: throw JSONFault(.nul, at: position)
            default: throw JSONFault(.unexpectedByte, at: position)
            }
            position += 1
        }
    }
}
