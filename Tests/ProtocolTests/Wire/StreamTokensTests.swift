import HubProtocol
import Testing

@Suite("Tokens of a stream")
struct StreamTokensTests {
    @Test("know where each one ends, empty ones too")
    func ends() {
        let tokens = StreamTokens(["При", "", "вет"])
        #expect(tokens.count == 3)
        #expect((-1...4).map { tokens.end(of: $0) } == [0, 0, 6, 6, 12, 12])
        #expect(String(decoding: tokens.text, as: UTF8.self) == "Привет")
    }

    @Test("are the same however they were made")
    func same() {
        var one = StreamTokens()
        one.append(Array("a".utf8))
        #expect(one == StreamTokens(one: Array("a".utf8)))
        #expect(one.end(of: 1) == 1)
        one.append(Array("bc".utf8))
        #expect(one == StreamTokens(["a", "bc"]))
        var appended = StreamTokens(one: Array("a".utf8))
        appended.append(Array("bc".utf8))
        #expect(appended == one)
        #expect(StreamTokens([String]()) == StreamTokens())
    }
}
