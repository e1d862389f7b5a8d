import HubProtocol
import Testing

@Suite("Checking JSON that nobody has looked at")
struct JSONTextCheckingTests {
    private static let illFormed: [[UInt8]] = [
        [0x80], [0xc3], [0xc0, 0xaf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xb0, 0x80],
        [0xf0, 0x80, 0x80, 0x80],
        [0xf4, 0x90, 0x80, 0x80], [0xff], [0xfe], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3, 0x28],
    ]

    @Test("finds bytes that are not UTF-8, and where", arguments: illFormed)
    func utf8(bytes: [UInt8]) {
        let text = [UInt8]("\"ab".utf8) + bytes + [UInt8]("\"".utf8)
        lending(text) { view in
            #expect(throws: JSONFault(.malformedUTF8, at: 3)) { try JSONText.checkUTF8(view) }
            #expect(!JSONText.isValid(view, requireUTF8: true))
            #expect(JSONText.isValid(view, requireUTF8: false))
        }
    }

    @Test("takes every sort of UTF-8")
    func wellFormed() {
        lending("\"aé€😀\u{10ffff}\u{fffe}\"") { #expect(JSONText.isValid($0, requireUTF8: true)) }
        #expect(throws: Never.self) { try JSONText.checkUTF8(.empty) }
        #expect(!JSONText.isValid(.empty, requireUTF8: true))
    }

    @Test(
        "takes line breaks out between values only",
        arguments: [
            ("{\r\n  \"a\": [1,\n2]\r}\n", #"{  "a": [1,2]}"#), (#""\n""#, #""\n""#),
            (#"{"a\"\n":1}"#, #"{"a\"\n":1}"#),
            ("[\"\\\\\"\n,\n\"x\"]", #"["\\","x"]"#), ("", ""), ("\n", ""), ("1\n", "1"),
            ("[\"\\\"\",\n1]", #"["\"",1]"#),
        ]
    )
    func lineBreaks(text: String, line: String) {
        lending(text) { view in
            #expect(String(decoding: JSONText.removeLineBreaks(view), as: UTF8.self) == line)
        }
    }

    @Test("leaves the value as it was when line breaks are taken out", arguments: JSONVectors.accepted)
    func lineBreaksKeepValues(text: String) throws {
        let line = lending(text) { JSONText.removeLineBreaks($0) }
        #expect(!line.contains(10) && !line.contains(13))
        lending(line) { view in
            var scanner = JSONScanner(view, lineBreaks: false)
            #expect(throws: Never.self) { try scanner.document() }
        }
        #expect(try FoundationReader.object(line) == FoundationReader.object([UInt8](text.utf8)))
    }

    @Test("never leaves the text while looking for the end of a string that has none")
    func unfinished() {
        for text in ["\"", "\"\\", "\"a\n", "\\"] {
            lending(text) { #expect(JSONText.removeLineBreaks($0) == [UInt8](text.utf8)) }
        }
    }

    @Test("every reason has a sentence of its own that tells the place")
    func sentences() {
        let sentences = JSONFault.Reason.allCases.map { JSONFault($0, at: 17).sentence }
        #expect(Set(sentences).count == JSONFault.Reason.allCases.count)
        for sentence in sentences { #expect(sentence.hasSuffix("(byte 17)")) }
    }
}
