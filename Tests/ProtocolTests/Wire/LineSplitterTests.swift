import HubProtocol
import Testing

/// protocol.md, "Connection": a frame has one object or several separated by line feeds; empty lines are ignored.
@Suite("Lines of a frame")
struct LineSplitterTests {
    @Test(
        "lie between line feeds; empty ones are left out",
        arguments: [
            ("", []), ("\n", []), ("\n\n\n", []), ("a", ["a"]), ("a\n", ["a"]), ("\na", ["a"]), ("a\nb", ["a", "b"]),
            ("a\n\nb\n", ["a", "b"]), ("{}\r\n{}", ["{}\r", "{}"]), (" \n", [" "]),
            ("a\nbc\n\n\ndef", ["a", "bc", "def"]),
        ] as [(String, [String])]
    )
    func lines(payload: String, lines: [String]) {
        lending(payload) { view in
            #expect(LineSplitter(view).map { $0.string() } == lines)
        }
    }

    @Test("are the same as by the standard library")
    func agrees() {
        var random = SeededNumbers(seed: 3)
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                ["a", "\n", "\r", "é"][Int.random(in: 0..<4, using: &random)]
            }.joined()
            let expected = text.utf8.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
            lending(text) { view in
                #expect(LineSplitter(view).map { $0.string() } == expected)
            }
        }
    }

    @Test("end for good")
    func ends() {
        lending("a\n") { view in
            var lines = LineSplitter(view)
            #expect(lines.next()?.string() == "a")
            #expect(lines.next() == nil)
            #expect(lines.next() == nil)
        }
    }
}
