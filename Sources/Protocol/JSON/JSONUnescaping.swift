/// Resolves the escapes of a string's content.
enum JSONUnescaping {
    /// Writes the text to `target`, which must have room for `content.count` bytes (a text is never longer than
    /// its escaped form), and returns its length. `content` is what a scanner accepted between two quotes; of
    /// anything else the malformed parts become U+FFFD or are dropped, and nothing is written outside `target`.
    static func write(_ content: ByteView, to target: UnsafeMutableRawBufferPointer) -> Int {
        var output = Output(target: target)
        var index = 0
        while index < content.count {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < content.count else {
                output.append(byte)
                continue
            }
            let letter = content[index]
            index += 1
            switch letter {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0c)
            case UInt8(ascii: "n"): output.append(0x0a)
            case UInt8(ascii: "r"): output.append(0x0d)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): output.appendScalar(scalar(in: content, at: &index))
            default: output.append(letter)
            }
        }
        return output.count
    }

    /// The scalar whose first `\u` was read; takes the second half of a pair with it.
    private static func scalar(in content: ByteView, at index: inout Int) -> UInt32 {
        let first = unit(in: content, at: index)
        index = Swift.min(index + 4, content.count)
        guard (0xd800...0xdbff).contains(first) else { return first }
        guard index + 6 <= content.count, content[index] == UInt8(ascii: "\\"),
            content[index + 1] == UInt8(ascii: "u")
        else { return 0xfffd }
        let second = unit(in: content, at: index + 2)
        guard (0xdc00...0xdfff).contains(second) else { return 0xfffd }
        index += 6
        return 0x10000 + (first & 0x3ff) << 10 + second & 0x3ff
    }

    private static func unit(in content: ByteView, at index: Int) -> UInt32 {
        guard index + 4 <= content.count else { return 0xfffd }
        var code: UInt32 = 0
        for position in index..<(index + 4) {
            guard let digit = HexDigit.value(of: content[position]) else { return 0xfffd }
            code = code &<< 4 | digit
        }
        return code
    }

    private struct Output {
        let target: UnsafeMutableRawBufferPointer
        var count = 0

        mutating func append(_ byte: UInt8) {
            guard count < target.count else { return }
            target[count] = byte
            count += 1
        }

        mutating func appendScalar(_ code: UInt32) {
            let scalar = Unicode.Scalar(code) ?? "\u{fffd}"
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
        }
    }
}

extension JSONToken {
    /// The text of a string as it lies in `source`, or rewritten in `scratch` where it has escapes; empty for
    /// other values.
    @inline(__always)
    func text(in source: ByteView, scratch: inout ByteScratch) -> ByteView {
        guard let content else { return .empty }
        let raw = source[content]
        guard kind == .escapedString else { return raw }
        return scratch.write(raw.count) { JSONUnescaping.write(raw, to: $0) }
    }

    /// The text of a string; nil for other values. `source` is the text that was scanned.
    public func string(in source: ByteView) -> String? {
        guard let content else { return nil }
        let raw = source[content]
        guard kind == .escapedString else { return raw.string() }
        let text = [UInt8](unsafeUninitializedCapacity: raw.count) { buffer, count in
            count = JSONUnescaping.write(raw, to: UnsafeMutableRawBufferPointer(buffer))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
