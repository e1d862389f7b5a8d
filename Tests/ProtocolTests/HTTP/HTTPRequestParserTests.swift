import Testing

@testable import HubProtocol

@Suite("Request heads: RFC 9112 §2–§5")
struct HTTPRequestParserTests {
    private let run = HTTPRequestRun()

    private func get(_ line: String, _ fields: String = "Host: h\r\n") -> String { "\(line)\r\n\(fields)\r\n" }

    @Test("a request with its fields, blanks around values taken off")
    func simple() {
        #expect(
            run.verify(get("GET /a?b=c HTTP/1.1", "Host: h:80\r\nX-A:\t 1 2 \t\r\nEmpty:\r\n")) == [
                .head("GET /a?b=c 1.1 Host=h:80;X-A=1 2;Empty="), .end,
            ]
        )
        #expect(run.verify(get("OPTIONS * HTTP/1.1")) == [.head("OPTIONS * 1.1 Host=h"), .end])
    }

    @Test("pipelined requests come one after the other")
    func pipelined() {
        let two = get("GET /1 HTTP/1.1") + get("DELETE /2 HTTP/1.1")
        #expect(run.verify(two) == [.head("GET /1 1.1 Host=h"), .end, .head("DELETE /2 1.1 Host=h"), .end])
    }

    @Test("one empty line before a request is passed over, two are not")
    func emptyLine() {
        #expect(run.verify("\r\n" + get("GET / HTTP/1.1")) == [.head("GET / 1.1 Host=h"), .end])
        run.expectFailure("\r\n\r\n" + get("GET / HTTP/1.1"), 400)
    }

    @Test("nothing is read behind a request that ends the connection")
    func ends() {
        let close = get("GET / HTTP/1.1", "Host: h\r\nConnection: close\r\n")
        #expect(run.verify(close + get("GET /2 HTTP/1.1")) == [.head("GET / 1.1 Host=h;Connection=close"), .end])
        #expect(run.verify(get("GET / HTTP/1.0", "") + get("GET /2 HTTP/1.0")) == [.head("GET / 1.0 "), .end])
        let stay = get("GET / HTTP/1.0", "Connection: keep-alive\r\n")
        #expect(run.verify(stay + stay).count == 4)
    }

    @Test(
        "malformed request lines are 400",
        arguments: [
            "GET /", "GET", "", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ",
            "GET / a HTTP/1.1",
            "G(T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/1.x", "GET / HTTP/11.1", "GET / HTTP/x.1",
            "GET / HTTP-1.1",
            "GET\t/ HTTP/1.1", "GET /\u{7F} HTTP/1.1", "GET /é HTTP/1.1", "GET /a#b HTTP/1.1", "GET /a\u{0} HTTP/1.1",
            "GET * HTTP/1.1",
            "GET a HTTP/1.1", "GET h:80 HTTP/1.1", "GET http:// HTTP/1.1", "GET http:///a HTTP/1.1",
            "GET ftp://h/ HTTP/1.1",
            "GET http://u@h/ HTTP/1.1",
        ]
    )
    func malformedLine(_ line: String) {
        run.expectFailure(get(line), 400)
    }

    @Test("methods that nobody knows here are 501", arguments: ["BREW", "CONNECT", "get", "PRI"])
    func unknownMethod(_ method: String) {
        run.expectFailure(get("\(method) / HTTP/1.1"), 501, "method")
    }

    @Test("other versions are 505", arguments: ["2.0", "0.9", "1.2", "1.9", "3.1"])
    func otherVersion(_ version: String) {
        run.expectFailure(get("GET / HTTP/\(version)"), 505, "HTTP/1.1")
    }

    @Test("the absolute form is brought into origin form where Host agrees")
    func absoluteForm() {
        #expect(run.verify(get("GET http://h/a?b HTTP/1.1")) == [.head("GET /a?b 1.1 Host=h"), .end])
        #expect(run.verify(get("GET HTTPS://H?b HTTP/1.1")) == [.head("GET /?b 1.1 Host=h"), .end])
        #expect(run.verify(get("GET http://h HTTP/1.1")) == [.head("GET / 1.1 Host=h"), .end])
        run.expectFailure(get("GET http://other/ HTTP/1.1"), 400, "Host")
    }

    @Test(
        "a line feed without a carriage return is 400",
        arguments: [
            "\n", "\r\n\n", "GET / HTTP/1.1\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: hh\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nA: bc\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\n",
            "GET / HTTP/1.1\r\nHost: h\r\n \n",
        ]
    )
    func bareLineFeed(_ text: String) {
        run.expectFailure(text, 400, "carriage return")
    }

    @Test(
        "a carriage return within a line is 400",
        arguments: [
            "GET / HTTP/1.1\rHost: h\r\n\r\n", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n\r\r\n",
        ]
    )
    func bareCarriageReturn(_ text: String) {
        run.expectFailure(text, 400)
    }

    @Test(
        "malformed fields are 400",
        arguments: [
            "Host: h\r\nFolded: a\r\n b", "Host: h\r\n\tb", " Host: h", "Host : h", "Host\t: h", "Host: h\r\nNo-Colon",
            "Host: h\r\n: v",
            "Host: h\r\nA B: c", "Host: h\r\nA\u{0}: c", "Host: h\r\nA: \u{0}", "Host: h\r\nA: b\u{1}",
            "Host: h\r\nA: b\u{7F}", "Host: h\r\nÄ: b",
            "Host: h\r\n(A): b",
        ]
    )
    func malformedField(_ fields: String) {
        run.expectFailure(get("GET / HTTP/1.1", fields + "\r\n"), 400)
    }

    @Test("a folded field is told as what it is, even where its second line looks like a field")
    func folded() {
        run.expectFailure(get("GET / HTTP/1.1", "Host: h\r\nA: b\r\n Content-Length: 5\r\n"), 400, "folded")
    }

    @Test("bytes above ASCII are allowed in values")
    func highBytes() {
        #expect(run.verify(get("GET / HTTP/1.1", "Host: h\r\nA: é\r\n")) == [.head("GET / 1.1 Host=h;A=é"), .end])
    }

    @Test(
        "HTTP/1.1 needs exactly one valid Host, HTTP/1.0 at most one",
        arguments: [
            ("1.1", ""), ("1.1", "Host: a\r\nHost: a\r\n"), ("1.1", "Host: a\r\nhost: b\r\n"), ("1.1", "Host:\r\n"),
            ("1.1", "Host: a b\r\n"),
            ("1.1", "Host: a/b\r\n"), ("1.1", "Host: u@a\r\n"), ("1.1", "Host: a, b\r\n"),
            ("1.0", "Host: a\r\nHost: b\r\n"),
        ]
    )
    func host(_ version: String, _ fields: String) {
        run.expectFailure(get("GET / HTTP/\(version)", fields), 400, "Host")
    }

    @Test(
        "hosts with ports and addresses pass",
        arguments: ["a.example:8080", "127.0.0.1", "[::1]:80", "xn--80ak6aa92e.com", "a_b"]
    )
    func validHost(_ host: String) {
        #expect(run.verify(get("GET / HTTP/1.1", "Host: \(host)\r\n")) == [.head("GET / 1.1 Host=\(host)"), .end])
    }

    @Test("a target at the limit passes, one byte more is 414, also without an end in sight")
    func targetLimit() {
        let longest = "/" + String(repeating: "a", count: 39)
        #expect(run.verify(get("GET \(longest) HTTP/1.1")) == [.head("GET \(longest) 1.1 Host=h"), .end])
        run.expectFailure(get("GET \(longest)a HTTP/1.1"), 414, "target")
        run.expectFailure("GET /" + String(repeating: "a", count: 200), 414, "target")
    }

    @Test("fields at the limits pass, more are 431, also without an end in sight")
    func fieldLimits() {
        let six = "Host: h\r\n" + String(repeating: "A: b\r\n", count: 5)
        #expect(run.verify(get("GET / HTTP/1.1", six)).count == 2)
        run.expectFailure(get("GET / HTTP/1.1", six + "A: b\r\n"), 431, "more header fields")
        let full = "Host: h\r\nA: " + String(repeating: "b", count: 160 - 9 - 5) + "\r\n"
        #expect(run.verify(get("GET / HTTP/1.1", full)).count == 2)
        run.expectFailure(get("GET / HTTP/1.1", full + "A: b\r\n"), 431, "larger")
        run.expectFailure(
            get("GET / HTTP/1.1", "Host: h\r\nA: b" + String(repeating: "b", count: 160 - 9 - 5) + "\r\n"),
            431,
            "larger"
        )
        run.expectFailure("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 300), 431, "larger")
    }

    @Test("the limits count for each request anew")
    func limitsPerRequest() {
        let six = get("GET / HTTP/1.1", "Host: h\r\n" + String(repeating: "A: b\r\n", count: 5))
        #expect(run.verify(six + six).count == 4)
    }

    @Test("nothing is read after a failure")
    func silentAfterFailure() {
        let text = "BAD\r\n" + get("GET / HTTP/1.1")
        #expect(run.events([Array(text.utf8), Array(text.utf8)]).count == 1)
    }

    @Test("what follows an upgrade's head can be taken, however it came", arguments: 0...55)
    func remainder(_ split: Int) {
        let head = get("GET /ws HTTP/1.1", "Host: h\r\nUpgrade: websocket\r\n")
        let bytes = Array(head.utf8) + [0x81, 0x80, 1, 2, 3, 4]
        var parser = HTTPRequestParser()
        bytes[..<split].withUnsafeBytes { parser.receive($0) }
        if split < head.utf8.count {
            let early = parser.next()
            #expect(early == nil)
        }
        bytes[split...].withUnsafeBytes { parser.receive($0) }
        guard case .head = parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(parser.takeRemainder() == [0x81, 0x80, 1, 2, 3, 4])
        #expect(parser.takeRemainder() == [])
        let behind = parser.next()
        #expect(behind == nil)
        head.utf8.withContiguousStorageIfAvailable { parser.receive(UnsafeRawBufferPointer($0)) }
        let last = parser.next()
        #expect(last == nil)
    }

    @Test("random changes to a request never trap", arguments: 0..<20)
    func randomBytes(_ seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let request = Array(
            "POST /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n"
                .utf8
        )
        for _ in 0..<300 {
            var bytes = request
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                bytes[Int.random(in: bytes.indices, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            #expect(run.events([bytes]) == run.events(bytes.map { [$0] }))
        }
    }
}
