import HubProtocol
import Testing

@Suite("Writing JSON")
struct JSONTextTests {
    private func written(_ body: (inout [UInt8]) -> Void) -> String {
        var out: [UInt8] = []
        body(&out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test(
        "escapes quote, backslash and what lies below U+0020, and nothing else",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("a\"b", #""a\"b""#), ("\\", #""\\""#), ("/", #""/""#),
            ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#), ("\u{1}\u{b}\u{1f}", #""\u0001\u000b\u001f""#),
            ("\u{0}", #""\u0000""#), ("\u{7f}\u{80}\u{2028}", "\"\u{7f}\u{80}\u{2028}\""), ("Жё😀", "\"Жё😀\""),
            ("1234567\"12345678\\", #""1234567\"12345678\\""#),
        ]
    )
    func strings(text: String, json: String) {
        #expect(written { JSONText.appendString(text, into: &$0) } == json)
        lending(text) { view in
            #expect(written { JSONText.appendString(view, into: &$0) } == json)
        }
    }

    @Test("strings come back as they went, whatever they hold")
    func stringsRoundTrip() throws {
        var random = SeededNumbers(seed: 1)
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let code = UInt32.random(in: 1..<(Bool.random(using: &random) ? 0x80 : 0x11_0000), using: &random)
                text.unicodeScalars.append(Unicode.Scalar(code) ?? "\"")
            }
            var json: [UInt8] = []
            JSONText.appendString(text, into: &json)
            #expect(try FoundationReader.object(json) as? String == text)
            let back = try lending(json) { view in
                var scanner = JSONScanner(view, lineBreaks: false)
                return try scanner.document().string(in: view)
            }
            #expect(back == text)
        }
    }

    @Test("takes strings that are not stored as contiguous UTF-8")
    func bridgedStrings() {
        let text = String(decoding: Array("каша\n".utf16), as: UTF16.self)
        #expect(written { JSONText.appendString(text, into: &$0) } == #""каша\n""#)
    }

    @Test("integers of every size", arguments: [0, 1, -1, 9, 10, 99, 100, 12345, Int64.max, Int64.min, -10])
    func integers(number: Int64) {
        #expect(written { JSONText.append(number, into: &$0) } == String(number))
    }

    @Test("booleans, lists and maps")
    func collections() {
        #expect(written { JSONText.append(true, into: &$0) } == "true")
        #expect(written { JSONText.append(false, into: &$0) } == "false")
        #expect(written { JSONText.append([] as [String], into: &$0) } == "[]")
        #expect(written { JSONText.append(["a", "\""], into: &$0) } == #"["a","\""]"#)
        let none: [(String, Int64)] = []
        #expect(written { JSONText.appendMap(none, into: &$0) { JSONText.append($0, into: &$1) } } == "{}")
        let two: [(String, Int64)] = [("a\"", 1), ("b", -2)]
        #expect(
            written { JSONText.appendMap(two, into: &$0) { JSONText.append($0, into: &$1) } } == #"{"a\"":1,"b":-2}"#
        )
    }
}
