/// Writing JSON: each function appends one value to a buffer, compact, without anything between.
public enum JSONText {
    /// Appends a string with its quotes.
    public static func appendString(_ text: String, into out: inout [UInt8]) {
        let fast: Void? = text.utf8.withContiguousStorageIfAvailable { buffer in
            appendString(ByteView(UnsafeRawBufferPointer(buffer)), into: &out)
        }
        guard fast == nil else { return }
        [UInt8](text.utf8).withUnsafeBytes { appendString(ByteView($0), into: &out) }
    }

    /// Appends bytes as a string with its quotes. They are to be UTF-8, and may hold anything: quote, backslash
    /// and what lies below U+0020 is escaped, everything else goes out as it is.
    public static func appendString(_ text: ByteView, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var index = 0
        while let base = text.base, index < text.count {
            let run = PlainRun.end(in: base, from: index, to: text.count)
            out.append(text[index..<run])
            guard run < text.count else { break }
            appendEscape(of: text[run], into: &out)
            index = run + 1
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: out.append(UInt8(ascii: "b"))
        case 0x09: out.append(UInt8(ascii: "t"))
        case 0x0a: out.append(UInt8(ascii: "n"))
        case 0x0c: out.append(UInt8(ascii: "f"))
        case 0x0d: out.append(UInt8(ascii: "r"))
        case 0..<0x20:
            appendRaw("u00", into: &out)
            out.append(HexDigit.lowercase.utf8Start[Int(byte >> 4)])
            out.append(HexDigit.lowercase.utf8Start[Int(byte & 15)])
        default: out.append(byte)
        }
    }

    /// Appends an integer.
    public static func append(_ number: Int64, into out: inout [UInt8]) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        var rest = number.magnitude
        repeat {
            digits[count] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        if number < 0 { out.append(UInt8(ascii: "-")) }
        while count > 0 {
            count -= 1
            out.append(digits[count])
        }
    }

    /// Appends `true` or `false`.
    public static func append(_ flag: Bool, into out: inout [UInt8]) {
        appendRaw(flag ? "true" : "false", into: &out)
    }

    /// Appends an array of strings.
    public static func append(_ strings: [String], into out: inout [UInt8]) {
        appendList(strings, into: &out) { appendString($0, into: &$1) }
    }

    /// Appends an array, each element by `body`.
    public static func appendList<Element>(
        _ elements: [Element],
        into out: inout [UInt8],
        _ body: (Element, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            body(element, &out)
        }
        out.append(UInt8(ascii: "]"))
    }

    /// Appends an object whose member names are data, each value by `body`.
    public static func appendMap<Value>(
        _ members: [(String, Value)],
        into out: inout [UInt8],
        _ body: (Value, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        for (name, value) in members {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            appendString(name, into: &out)
            out.append(UInt8(ascii: ":"))
            body(value, &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// Appends bytes that are JSON (or a piece of it) already.
    @inline(__always)
    public static func appendRaw(_ json: StaticString, into out: inout [UInt8]) {
        out.append(contentsOf: UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }
}
