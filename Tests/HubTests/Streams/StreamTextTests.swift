import HubProtocol
import Testing

@testable import HubCore

@Suite struct StreamTextTests {
    private static func text(_ tokens: [String], limit: Int = 1 << 20) -> StreamText {
        var text = StreamText()
        for (index, token) in tokens.enumerated() {
            _ = text.append(StreamTokens([token]), from: Int64(index), limit: limit)
        }
        return text
    }

    @Test func whatIsThereIsSkippedAndAGapIsNoted() {
        var text = StreamText()
        #expect(text.append(StreamTokens(["a", "b", "c"]), from: 0, limit: 100) == .taken(3))
        #expect(text.append(StreamTokens(["b", "c", "d"]), from: 1, limit: 100) == .taken(1))
        #expect(text.append(StreamTokens(["a"]), from: 0, limit: 100) == .taken(0))
        #expect(text.append(StreamTokens(["x"]), from: 5, limit: 100) == .gap)
        #expect(text.append(StreamTokens([String]()), from: 4, limit: 100) == .taken(0))
        #expect(text.append(StreamTokens(["x"]), from: .max, limit: 100) == .gap)
        #expect(String(decoding: text.bytes, as: UTF8.self) == "abcd")
        #expect(text.tokens == 4)
    }

    @Test func anAppendBeyondTheLimitTakesNothing() {
        var text = StreamText()
        #expect(text.append(StreamTokens(["abcde"]), from: 0, limit: 8) == .taken(1))
        #expect(text.append(StreamTokens(["f", "ghij"]), from: 1, limit: 8) == .tooLarge)
        #expect(text.end == StreamText.Place(tokens: 1, bytes: 5))
        #expect(text.append(StreamTokens(["abcde", "fgh"]), from: 0, limit: 8) == .taken(1))
        #expect(text.bytes.count == 8)
    }

    @Test func aTextIsCutOnlyAtTheEdgesOfTokens() {
        let tokens = (0..<4000).map { "к\($0)😀" }
        let text = Self.text(tokens)
        var edges: [Int: Int64] = [0: 0]
        var size = 0
        for (index, token) in tokens.enumerated() {
            size += token.utf8.count
            edges[size] = Int64(index + 1)
        }
        for most in [0, 1, 4095, 4096, 5000, 20_000, size - 1, size] {
            let prefix = text.prefix(atMost: most)
            #expect(prefix.bytes <= most)
            #expect(edges[prefix.bytes] == prefix.tokens)
            var place = StreamText.Place.start
            var steps = 0
            while place != text.end {
                let next = text.reach(from: place, atMost: most)
                #expect(edges[next.bytes] == next.tokens)
                #expect(next.bytes > place.bytes)
                #expect(next.bytes - place.bytes <= max(most, 2 * 4096 + 20))
                place = next
                steps += 1
                guard steps < 100 else { break }
            }
            #expect(place == text.end)
        }
    }

    @Test func emptyTokensCountAndTheirPlacesAreReached() {
        let text = Self.text(["", "", "a", ""])
        #expect(text.end == StreamText.Place(tokens: 4, bytes: 1))
        #expect(text.reach(from: .start, atMost: 100) == text.end)
        #expect(text.reach(from: StreamText.Place(tokens: 3, bytes: 1), atMost: 0) == text.end)
    }

    @Test func aTextFromDiskGoesOnWhereItWas() {
        var text = StreamText(bytes: Array("abc".utf8), tokens: 2)
        #expect(text.append(StreamTokens(["bc", "d"]), from: 1, limit: 100) == .taken(1))
        #expect(String(decoding: text.bytes, as: UTF8.self) == "abcd")
    }
}
