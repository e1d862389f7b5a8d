/// One element of Sec-WebSocket-Extensions (RFC 6455 §9.1):
///
///     extension = token *( ";" token [ "=" ( token | quoted-string ) ] )
///
/// Elements are separated by commas; empty ones are passed over. A quoted value must be a token once unquoted.
struct ExtensionElement: Hashable {
    struct Parameter: Hashable {
        let name: String
        let value: String?
    }

    let name: String
    let parameters: [Parameter]

    /// The elements of one header value in the client's order of preference, or nil where it breaks the grammar.
    static func parse(_ value: String) -> [ExtensionElement]? {
        var reader = Reader(bytes: Array(value.utf8))
        var elements: [ExtensionElement] = []
        while true {
            reader.skipSpaces()
            if reader.take(UInt8(ascii: ",")) { continue }
            guard !reader.isAtEnd else { return elements }
            guard let element = reader.element() else { return nil }
            elements.append(element)
            guard reader.isAtEnd || reader.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool { offset == bytes.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        mutating func skipSpaces() {
            while take(UInt8(ascii: " ")) || take(UInt8(ascii: "\t")) {}
        }

        mutating func element() -> ExtensionElement? {
            guard let name = token() else { return nil }
            var parameters: [Parameter] = []
            skipSpaces()
            while take(UInt8(ascii: ";")) {
                skipSpaces()
                guard let name = token() else { return nil }
                var value: String?
                skipSpaces()
                if take(UInt8(ascii: "=")) {
                    skipSpaces()
                    value = take(UInt8(ascii: "\"")) ? quoted() : token()
                    guard value != nil else { return nil }
                    skipSpaces()
                }
                parameters.append(Parameter(name: name, value: value))
            }
            return ExtensionElement(name: name, parameters: parameters)
        }

        private mutating func token() -> String? {
            let start = offset
            while offset < bytes.count, HTTPCharacters.isToken(bytes[offset]) { offset += 1 }
            return start == offset ? nil : String(decoding: bytes[start..<offset], as: UTF8.self)
        }

        /// The rest of a quoted string; a backslash takes the next character as it is.
        private mutating func quoted() -> String? {
            var value: [UInt8] = []
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
                if bytes[offset] == UInt8(ascii: "\\") { offset += 1 }
                guard offset < bytes.count, HTTPCharacters.isToken(bytes[offset]) else { return nil }
                value.append(bytes[offset])
                offset += 1
            }
            guard take(UInt8(ascii: "\"")), !value.isEmpty else { return nil }
            return String(decoding: value, as: UTF8.self)
        }
    }
}
