import HubProtocol
import Testing

/// RFC 8259, with what the contract adds: no NUL, no lone surrogates, bounded nesting.
@Suite("The JSON scanner")
struct JSONScannerTests {
    @Test("takes every valid text, and its token spans the value", arguments: JSONVectors.accepted)
    func accepts(text: String) throws {
        try lending(text) { view in
            var scanner = JSONScanner(view)
            let token = try scanner.document()
            #expect(scanner.position == view.count)
            let value = view[token.range].string()
            #expect(value == text.trimming(" \t\r\n"))
        }
    }

    @Test("refuses every other text, and tells why", arguments: JSONVectors.refused)
    func refuses(text: String, reason: JSONFault.Reason) {
        lending(text) { view in
            let fault = #expect(throws: JSONFault.self) { try JSONText.check(view, requireUTF8: true) }
            #expect(fault?.reason == reason)
            #expect((0...view.count).contains(fault?.position ?? -1))
            #expect(!JSONText.isValid(view, requireUTF8: false))
        }
    }

    @Test("has enough vectors to be worth the name")
    func counts() {
        #expect(JSONVectors.accepted.count + JSONVectors.refused.count >= 250)
        #expect(Set(JSONVectors.accepted).count == JSONVectors.accepted.count)
        #expect(Set(JSONVectors.refused.map(\.text)).count == JSONVectors.refused.count)
    }

    @Test("never takes a valid text that was cut short, except a number that is one still")
    func truncations() {
        for text in JSONVectors.accepted {
            let bytes = [UInt8](text.utf8)
            let value = [UInt8](text.trimming(" \t\r\n").utf8)
            let start = bytes.firstIndex { !" \t\r\n".utf8.contains($0) } ?? 0
            for length in 0..<bytes.count {
                let isWhole = length >= start + value.count
                let isNumber = length > start && NumberGrammar.matches(bytes[start..<length])
                let isValid = lending([UInt8](bytes[..<length])) { JSONText.isValid($0, requireUTF8: true) }
                #expect(isValid == (isWhole || isNumber), "\(text) cut to \(length) bytes")
            }
        }
    }

    @Test("never takes an invalid text that was cut short unless the rest is valid by another reader")
    func truncationsOfInvalid() {
        for (text, _) in JSONVectors.refused where text.utf8.count < 100 {
            let bytes = [UInt8](text.utf8)
            for length in 0..<bytes.count {
                let cut = [UInt8](bytes[..<length])
                guard lending(cut, { JSONText.isValid($0, requireUTF8: true) }) else { continue }
                #expect(FoundationReader.accepts(cut), "\(text) cut to \(length) bytes")
            }
        }
    }

    @Test("finds what is special in a string at every place of a word", arguments: 0..<40)
    func specialsAtEveryPlace(place: Int) {
        for (special, reason) in [
            ("\u{1f}", JSONFault.Reason.controlCharacter), ("\n", .lineBreak), ("\\x", .malformedEscape),
        ] {
            for filler in ["a", "\u{7f}", "é", "😀", "!", "#", "[", "]"] {
                let before = String(repeating: filler, count: place)
                lending("\"\(before)\(special)zzzzzzzzz\"") { view in
                    let fault = #expect(throws: JSONFault.self) { try JSONText.check(view, requireUTF8: true) }
                    #expect(fault?.reason == reason)
                    #expect(fault?.position == 1 + before.utf8.count)
                }
                lending("\"\(before)\"x") { view in
                    let fault = #expect(throws: JSONFault.self) { try JSONText.check(view, requireUTF8: true) }
                    #expect(fault == JSONFault(.trailingBytes, at: before.utf8.count + 2))
                }
            }
        }
    }

    @Test("bounds nesting by its limit, which is at most 64", arguments: [0, 1, 2, 31, 63, 64, 65, 1000, -1])
    func depth(limit: Int) {
        let deepest = min(max(limit, 0), 64)
        let fits = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
        let exceeds = "[" + fits + "]"
        if deepest > 0 {
            lending(fits) { #expect(JSONText.isValid($0, requireUTF8: false, depth: limit)) }
        }
        lending(deepest == 0 ? "[]" : exceeds) { view in
            let fault = #expect(throws: JSONFault.self) { try JSONText.check(view, requireUTF8: false, depth: limit) }
            #expect(fault == JSONFault(.tooDeep, at: deepest))
        }
        lending("7") { #expect(JSONText.isValid($0, requireUTF8: false, depth: limit)) }
    }

    @Test("refuses line breaks between values where a line is to be one object")
    func lineBreaks() {
        for text in ["{}\r", "\n{}", "{\"a\":\r1}", "[1,\n2]", "[\n]"] {
            lending(text) { view in
                var loose = JSONScanner(view)
                #expect(throws: Never.self) { try loose.document() }
                var strict = JSONScanner(view, lineBreaks: false)
                let fault = #expect(throws: JSONFault.self) { try strict.document() }
                #expect(fault?.reason == .lineBreak)
            }
        }
    }

    @Test("tells what a value is")
    func kinds() throws {
        let kinds: [(String, JSONToken.Kind)] = [
            ("{}", .object), ("[1]", .array), ("\"a\"", .plainString), (#""\n""#, .escapedString), ("-1", .number),
            ("true", .true), ("false", .false), ("null", .null),
        ]
        for (text, kind) in kinds {
            try lending(text) { view in
                var scanner = JSONScanner(view)
                let token = try scanner.document()
                #expect(token.kind == kind)
                #expect((token.content != nil) == (text.first == "\""))
            }
        }
    }

    @Test("scans a value where it lies, inside containers that are open already")
    func values() throws {
        try lending("[1],2") { view in
            var scanner = JSONScanner(view, depth: 3)
            let token = try scanner.value(inside: 2)
            #expect(token.range == 0..<3)
            #expect(scanner.position == 3)
        }
        lending("[1]") { view in
            var scanner = JSONScanner(view, depth: 3)
            #expect(throws: JSONFault(.tooDeep, at: 0)) { try scanner.value(inside: 3) }
        }
    }
}

extension String {
    /// Without the given characters at both ends.
    fileprivate func trimming(_ characters: String) -> String {
        let inner = Array(unicodeScalars)
        let edge = Set(characters.unicodeScalars)
        guard let first = inner.firstIndex(where: { !edge.contains($0) }),
            let last = inner.lastIndex(where: { !edge.contains($0) })
        else { return "" }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: inner[first...last])
        return String(text)
    }
}
