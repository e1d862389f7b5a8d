import Testing

@testable import HubProtocol

@Suite("Resolving the escapes of strings")
struct JSONUnescapingTests {
    private func resolve(_ content: [UInt8], space: Int? = nil) -> [UInt8] {
        let size = space ?? content.count
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = lending(content) { JSONUnescaping.write($0, to: UnsafeMutableRawBufferPointer(buffer)) }
        }
    }

    @Test(
        "gives the text that was meant",
        arguments: [
            ("", ""), ("plain é", "plain é"), (#"\"\\\/"#, "\"\\/"), (#"\b\f\n\r\t"#, "\u{8}\u{c}\n\r\t"),
            (#"\u0041\u00e9\u20AC"#, "Aé€"), (#"\ud83d\ude00"#, "😀"),
            (#"\uD800\uDC00\uDBFF\uDFFF"#, "\u{10000}\u{10ffff}"),
            (#"a\u0031b\\n"#, "a1b\\n"), (#"\\u0041"#, "\\u0041"),
        ]
    )
    func meaning(content: String, text: String) {
        #expect(String(decoding: resolve([UInt8](content.utf8)), as: UTF8.self) == text)
    }

    /// But for a byte order mark in front, which Foundation drops.
    @Test("is as Foundation does it for every valid string")
    func agreesWithFoundation() throws {
        for text in JSONVectors.accepted where text.first == "\"" && text.last == "\"" && text != "\"\u{feff}\"" {
            let bytes = [UInt8](text.utf8)
            let mine = String(decoding: resolve([UInt8](bytes[1..<(bytes.count - 1)])), as: UTF8.self)
            #expect(mine == (try FoundationReader.object(bytes) as? String), "\(text)")
        }
    }

    @Test(
        "stays within its space whatever it is given",
        arguments: [
            #"\"#, #"\u"#, #"\u12"#, #"\u12G4"#, #"\ud800"#, #"\ud800x"#, #"\ud800\n"#, #"\ud800\u"#, #"\ud800\u0041"#,
            #"\udc00"#, #"\x"#,
        ]
    )
    func malformed(content: String) {
        let bytes = [UInt8](content.utf8)
        for space in 0...bytes.count {
            #expect(resolve(bytes, space: space).count <= space)
        }
    }

    @Test("gives no text for values that are no strings")
    func otherValues() {
        lending("12") { view in
            let token = JSONToken(.number, 0, 2)
            var scratch = ByteScratch()
            #expect(token.string(in: view) == nil)
            #expect(token.text(in: view, scratch: &scratch).isEmpty)
        }
    }
}
