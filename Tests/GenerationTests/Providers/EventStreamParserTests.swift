import Testing

@testable import Generation

struct EventStreamParserTests {
    private typealias Event = EventStreamParser.Event

    private func expect(_ text: String, _ wanted: [(String, String)]) {
        let events = wanted.map { Event(name: $0.0, data: Array($0.1.utf8)) }
        for pieces in Splits.all(of: Array(text.utf8)) {
            var parser = EventStreamParser()
            #expect(pieces.flatMap { parser.read($0) } == events)
        }
    }

    @Test(
        "events come out the same, however the bytes are cut and whatever ends the lines",
        arguments: ["\n", "\r\n", "\r"]
    )
    func lineEnds(end: String) {
        let text = "data: При\n\nevent: x\ndata:a\ndata: b\n\n: comment\n\ndata\n\nid: 1\nretry: 5\n\ndata: 🚚\n\n"
        expect(text.replacing("\n", with: end), [("", "При"), ("x", "a\nb"), ("", ""), ("", "🚚")])
    }

    @Test("a byte order mark is passed over, once")
    func byteOrderMark() {
        expect("\u{feff}data: a\n\n\u{feff}data: b\n\n", [("", "a")])
    }

    @Test("one space behind the colon does not count, a second does")
    func spaces() {
        expect("data:  a\n\ndata:b\n\n", [("", " a"), ("", "b")])
    }

    @Test("an event without its closing empty line is dropped")
    func unfinished() {
        expect("data: a\n\ndata: b\n", [("", "a")])
    }

    @Test("a name without data is no event, and does not name the next one")
    func nameAlone() {
        expect("event: x\n\ndata: a\n\n", [("", "a")])
    }

    @Test("a line or an event over the limit ends the reading, and holds no more than the limit")
    func limits() {
        var parser = EventStreamParser(limit: 16)
        #expect(parser.read(Array("data: 1234567890123456\n\n".utf8)) == [])
        #expect(parser.isTooLong)
        #expect(parser.read(Array("data: a\n\n".utf8)) == [])
        parser = EventStreamParser(limit: 16)
        #expect(parser.read(Array("data: 12345678\ndata: 12345678\n\ndata: a\n\n".utf8)).isEmpty)
        #expect(parser.isTooLong)
    }
}
