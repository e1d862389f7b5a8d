/// A JSON value as a plain recursive reader sees it: slow, short and written from RFC 8259 alone, to hold the scanner against.
///
/// Beyond the RFC: no NUL, no lone surrogate, no more than `depth` open containers.
indirect enum JSONTree: Equatable {
    case object([Pair])
    case array([JSONTree])
    case string([UInt8])
    case number([UInt8])
    case word(String)

    struct Pair: Equatable {
        let name: [UInt8]
        let value: JSONTree
    }

    /// The value that the text is; nil where it is none.
    static func read(_ text: [UInt8], depth: Int) -> JSONTree? {
        guard String(validating: text, as: UTF8.self) != nil else { return nil }
        var reader = Reader(bytes: text)
        reader.skipBlanks()
        guard let tree = reader.value(depth) else { return nil }
        reader.skipBlanks()
        return reader.offset == text.count ? tree : nil
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        mutating func skipBlanks() {
            while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
        }

        mutating func take(_ character: Character) -> Bool {
            guard next == character.asciiValue else { return false }
            offset += 1
            return true
        }

        mutating func takeToken(_ character: Character) -> Bool {
            skipBlanks()
            defer { skipBlanks() }
            return take(character)
        }

        mutating func value(_ depth: Int) -> JSONTree? {
            switch next {
            case UInt8(ascii: "{"): return depth > 0 ? object(depth - 1) : nil
            case UInt8(ascii: "["): return depth > 0 ? array(depth - 1) : nil
            case UInt8(ascii: "\""): return string().map { .string($0) }
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number()
            }
        }

        mutating func object(_ depth: Int) -> JSONTree? {
            var pairs: [Pair] = []
            guard takeToken("{") else { return nil }
            if take("}") { return .object([]) }
            repeat {
                guard let name = string(), takeToken(":"), let value = value(depth) else { return nil }
                pairs.append(Pair(name: name, value: value))
            } while takeToken(",")
            return take("}") ? .object(pairs) : nil
        }

        mutating func array(_ depth: Int) -> JSONTree? {
            var values: [JSONTree] = []
            guard takeToken("[") else { return nil }
            if take("]") { return .array([]) }
            repeat {
                guard let value = value(depth) else { return nil }
                values.append(value)
            } while takeToken(",")
            return take("]") ? .array(values) : nil
        }

        mutating func word(_ word: String) -> JSONTree? {
            for character in word {
                guard take(character) else { return nil }
            }
            return .word(word)
        }

        mutating func digits() -> Bool {
            let start = offset
            while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
            return offset > start
        }

        mutating func number() -> JSONTree? {
            let start = offset
            _ = take("-")
            if !take("0") {
                guard digits() else { return nil }
            }
            if take(".") {
                guard digits() else { return nil }
            }
            if take("e") || take("E") {
                if !take("+") { _ = take("-") }
                guard digits() else { return nil }
            }
            return .number(Array(bytes[start..<offset]))
        }

        mutating func string() -> [UInt8]? {
            guard take("\"") else { return nil }
            var text: [UInt8] = []
            while let byte = next {
                offset += 1
                switch byte {
                case UInt8(ascii: "\""): return text
                case UInt8(ascii: "\\"):
                    guard let scalar = escape() else { return nil }
                    text += Array(String(scalar).utf8)
                case 0..<0x20: return nil
                default: text.append(byte)
                }
            }
            return nil
        }

        mutating func escape() -> Unicode.Scalar? {
            guard let letter = next else { return nil }
            offset += 1
            switch Character(Unicode.Scalar(letter)) {
            case "\"", "\\", "/": return Unicode.Scalar(letter)
            case "b": return "\u{8}"
            case "f": return "\u{c}"
            case "n": return "\n"
            case "r": return "\r"
            case "t": return "\t"
            case "u": return unicode()
            default: return nil
            }
        }

        mutating func unicode() -> Unicode.Scalar? {
            guard let high = hex(), high != 0 else { return nil }
            guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
            guard take("\\"), take("u"), let low = hex(), (0xDC00...0xDFFF).contains(low) else { return nil }
            return Unicode.Scalar((high - 0xD800) * 0x400 + (low - 0xDC00) + 0x10000)
        }

        mutating func hex() -> UInt32? {
            guard offset + 4 <= bytes.count else { return nil }
            let digits = bytes[offset..<offset + 4]
            offset += 4
            guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }) else { return nil }
            return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        }
    }
}
