import Testing

@testable import HubProtocol

@Suite("Request bodies: RFC 9112 §6, §7")
struct HTTPBodyTests {
    private let run = HTTPRequestRun()

    private func post(_ fields: String, _ body: String = "", version: String = "1.1") -> String {
        "POST / HTTP/\(version)\r\nHost: h\r\n\(fields)\r\n\r\n\(body)"
    }

    private func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body) }

    private func expectBody(_ text: String, _ body: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let events = run.verify(text, sourceLocation: sourceLocation).dropFirst()
        let expected: [ReceivedHTTP] = (body.isEmpty ? [] : [.body(Array(body.utf8))]) + [.end]
        #expect(Array(events) == expected, sourceLocation: sourceLocation)
    }

    @Test("a body of the announced length, with a request behind it")
    func length() {
        expectBody(post("Content-Length: 5", "hello"), "hello")
        expectBody(post("Content-Length: 0"), "")
        expectBody(post("Content-Length: 0020", String(repeating: "x", count: 20)), String(repeating: "x", count: 20))
        #expect(run.verify(post("Content-Length: 5", "hello") + post("Content-Length: 1", "x")).count == 6)
    }

    @Test("no announcement, no body")
    func none() {
        #expect(run.verify(post("A: b")) == [.head("POST / 1.1 Host=h;A=b"), .end])
    }

    @Test(
        "odd lengths are 400",
        arguments: ["", "+5", "-5", "5 5", "5,5", "5, 5", "0x5", "5.0", "five", "５", "5;", "\"5\""]
    )
    func oddLength(_ value: String) {
        run.expectFailure(post("Content-Length: \(value)", "hello"), 400, "Content-Length")
    }

    @Test("a repeated length is 400 even where the values agree")
    func repeatedLength() {
        run.expectFailure(post("Content-Length: 5\r\nContent-Length: 5", "hello"), 400, "Content-Length")
        run.expectFailure(post("Content-Length: 5\r\ncontent-length: 6", "hello"), 400, "Content-Length")
    }

    @Test("a length above the limit is 413 at the head, however many digits it has")
    func lengthLimit() {
        run.expectFailure(post("Content-Length: 21"), 413, "body")
        run.expectFailure(post("Content-Length: 99999999999999999999999999999999"), 413, "body")
        run.expectFailure(post("Content-Length: 9223372036854775808"), 413, "body")
        // 2^64 + 5, which overflow would make 5.
        run.expectFailure(post("Content-Length: 18446744073709551621", "hello"), 413, "body")
    }

    @Test("chunks make a body; extensions and trailer fields are dropped")
    func chunks() {
        expectBody(chunked("5\r\nhello\r\n0\r\n\r\n"), "hello")
        expectBody(chunked("0\r\n\r\n"), "")
        expectBody(chunked("1;a=b;c=\"d\"\r\nh\r\nA\r\nello world\r\n000\r\nT: 1\r\nU: 2\r\n\r\n"), "hello world")
        expectBody(post("Transfer-Encoding: Chunked", "1\r\nx\r\n0\r\n\r\n"), "x")
        #expect(run.verify(chunked("1\r\nx\r\n0\r\n\r\n") + post("Content-Length: 1", "y")).count == 6)
    }

    @Test(
        "malformed chunks are 400",
        arguments: [
            "\r\n", "x\r\n", "-1\r\n", "+1\r\nx\r\n", "0x1\r\nx\r\n", " 1\r\nx\r\n", "1 \r\nx\r\n", "1 ;a\r\nx\r\n",
            ";a\r\n", "1\nx\r\n", "1\r\nxy\r\n",
            "1\r\nx\n0\r\n\r\n", "1\r\nx\ry\r\n", "1;\u{1}\r\nx\r\n", "1;a\rb\r\nx\r\n", "0\r\nbad\r\n\r\n",
            "0\r\n folded\r\n\r\n", "0\r\nA : b\r\n\r\n",
            "0\r\nA: \u{0}\r\n\r\n", "0\r\n\n",
        ]
    )
    func malformedChunks(_ body: String) {
        run.expectFailure(chunked(body), 400)
    }

    @Test("chunks beyond the limit are 413 at their size")
    func chunkLimit() {
        let twenty = String(repeating: "x", count: 20)
        expectBody(chunked("14\r\n\(twenty)\r\n0\r\n\r\n"), twenty)
        run.expectFailure(chunked("15\r\n"), 413, "body")
        run.expectFailure(chunked("14\r\n\(twenty)\r\n1\r\n"), 413, "body")
        run.expectFailure(chunked("FFFFFFFFFFFFFFFFFFFF\r\n"), 413, "body")
        run.expectFailure(chunked("10000000000000005\r\nhello\r\n"), 413, "body")
    }

    @Test("size lines and trailers are bounded, also without an end in sight")
    func bounded() {
        run.expectFailure(chunked("1;" + String(repeating: "a", count: 300)), 400, "size line")
        run.expectFailure(chunked("1;" + String(repeating: "a", count: 255) + "\r\nx"), 400, "size line")
        expectBody(chunked("1;" + String(repeating: "a", count: 254) + "\r\nx\r\n0\r\n\r\n"), "x")
        run.expectFailure(chunked("0\r\n" + String(repeating: "A: b\r\n", count: 7)), 431, "more header fields")
        run.expectFailure(chunked("0\r\nA: " + String(repeating: "b", count: 200)), 431, "larger")
        run.expectFailure(chunked("1\r\nxyz"), 400, "chunk")
    }

    @Test(
        "both ways of framing, other codings and chunks in HTTP/1.0 are 400",
        arguments: [
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 0",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding:", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: chunked;q=1",
        ]
    )
    func codings(_ fields: String) {
        run.expectFailure(post(fields, "0\r\n\r\n"), 400, "Transfer-Encoding")
    }

    @Test("HTTP/1.0 has no chunks")
    func oldChunks() {
        run.expectFailure(post("Transfer-Encoding: chunked", version: "1.0"), 400, "Transfer-Encoding")
    }

    @Test("an expectation is told, an unknown one is 417")
    func expectations() throws {
        var parser = HTTPRequestParser()
        post("Content-Length: 5\r\nExpect: 100-Continue").utf8.withContiguousStorageIfAvailable {
            parser.receive(UnsafeRawBufferPointer($0))
        }
        guard case .head(let head) = parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(head.expectsContinue)
        #expect(head.contentLength == 5)
        run.expectFailure(post("Expect: tea"), 417, "100-continue")
        #expect(run.verify(post("Expect: tea", version: "1.0")).last == .end)
    }
}
