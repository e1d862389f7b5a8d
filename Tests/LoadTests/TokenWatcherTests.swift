import Testing

@testable import apus_load

@Suite("What a watcher of a stream accepts")
struct TokenWatcherTests {
    private func delta(_ from: Int, _ to: Int, text: String? = nil) -> String {
        let text = text ?? (from..<to).map(TokenWatcher.text).joined()
        return
            #"{"room":"ticket:1","kind":"delta","stream":"s1","attempt":1,"from":\#(from),"to":\#(to),"text":"\#(text)"}"#
    }

    @Test("Deltas of any size that join, and the whole text in the end")
    func whole() throws {
        var watcher = TokenWatcher()
        for line in [delta(0, 1), delta(1, 2), delta(2, 40)] { #expect(try watcher.take(line)) }
        #expect(watcher.tokens == 40)
        let text = (0..<40).map(TokenWatcher.text).joined()
        let end = #"{"room":"r:1","offset":2,"kind":"stream","data":{"stream":"s1","state":"done","text":"\#(text)"}}"#
        #expect(try watcher.take(end))
        #expect(watcher.isDone)
    }

    @Test("Other pushes are passed over")
    func others() throws {
        var watcher = TokenWatcher()
        #expect(try !watcher.take(#"{"room":"r:1","kind":"typing","by":"u"}"#))
        #expect(try !watcher.take(#"{"room":"r:1","offset":1,"kind":"stream","data":{"stream":"s","state":"open"}}"#))
    }

    @Test("A gap, a repeat and a wrong letter are refused", arguments: [(5, 6), (0, 3), (1, 1)])
    func refused(from: Int, to: Int) throws {
        var watcher = TokenWatcher()
        _ = try watcher.take(delta(0, 3))
        #expect(throws: LoadError.self) { _ = try watcher.take(delta(from, to)) }
        #expect(throws: LoadError.self) { _ = try watcher.take(delta(3, 4, text: "w0000004 ")) }
        #expect(watcher.tokens == 3)
    }
}
