extension JSONText {
    /// Whether the bytes are one JSON value as `JSONScanner` takes it, line breaks between values allowed.
    /// `requireUTF8`: also look whether they are UTF-8, for bytes that nobody has looked at (HTTP bodies).
    public static func isValid(_ text: ByteView, requireUTF8: Bool, depth: Int = 32) -> Bool {
        do throws(JSONFault) {
            try check(text, requireUTF8: requireUTF8, depth: depth)
            return true
        } catch {
            return false
        }
    }

    /// The same, and tells what is wrong.
    public static func check(_ text: ByteView, requireUTF8: Bool, depth: Int = 32) throws(JSONFault) {
        if requireUTF8 { try checkUTF8(text) }
        var scanner = JSONScanner(text, depth: depth)
        _ = try scanner.document()
    }

    /// Checks that the bytes are well-formed UTF-8.
    public static func checkUTF8(_ text: ByteView) throws(JSONFault) {
        guard let base = text.base else { return }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: UnsafeBufferPointer(start: base, count: text.count).span)
        } catch {
            throw JSONFault(.malformedUTF8, at: error.byteOffsets.lowerBound)
        }
    }

    /// A copy without the line feeds and carriage returns outside strings, so that it fits on one line. `text`
    /// is to be valid JSON: there such bytes are white space and nothing else.
    ///
    /// Source: protocol.md, "Connection": line breaks of HTTP bodies are taken out before `data` is stored.
    public static func removeLineBreaks(_ text: ByteView) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(text.count)
        var isInside = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if isInside, byte == UInt8(ascii: "\\"), index + 1 < text.count {
                line.append(byte)
                index += 1
                line.append(text[index])
            } else if byte == UInt8(ascii: "\"") {
                isInside.toggle()
                line.append(byte)
            } else if isInside || (byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")) {
                line.append(byte)
            }
            index += 1
        }
        return line
    }
}
