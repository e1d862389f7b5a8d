import HubProtocol
import Testing

@testable import HubServer

@Suite("Parts of requests and replies")
struct RequestPartsTests {
    @Test(
        "percent-encoding",
        arguments: [
            ("", ""), ("abc", "abc"), ("a%20b", "a b"), ("%D0%90", "А"), ("%d0%90", "А"), ("a+b", "a+b"),
            ("%2525", "%25"),
        ]
    )
    func percent(_ text: String, _ decoded: String) {
        #expect(PercentEncoding.decode(text) == decoded)
    }

    @Test("queries")
    func query() {
        let query = QueryParameters("a=1&b=%20x&c&d=e=f")
        #expect(query["a"] == "1")
        #expect(query["b"] == " x")
        #expect(query["c"] == "")
        #expect(query["d"] == "e=f")
        #expect(query["x"] == nil)
        #expect(query.isWellFormed)
        #expect(!QueryParameters("a=1&a=2").isWellFormed)
        #expect(!QueryParameters("a=%").isWellFormed)
        #expect(QueryParameters("").isWellFormed)
    }

    @Test("pages")
    func pages() throws {
        let newest = try PageRequest(query: "")
        #expect(newest.before == nil && newest.after == nil && newest.limit == 50)
        let page = try PageRequest(query: "after=0&limit=500")
        #expect(page.after == 0 && page.limit == 500)
        #expect(try PageRequest(query: "before=9007199254740991").before == 9_007_199_254_740_991)
    }

    @Test(
        "a page that is none names the parameter",
        arguments: [
            ("before=x", "before"), ("before=-1", "before"), ("after=+1", "after"), ("limit=501", "limit"),
            ("after=9007199254740992", "after"), ("limit=", "limit"), ("before=1&after=1", "after"),
            ("limit=99999999999999999999", "limit"),
        ]
    )
    func badPages(_ query: String, _ field: String) {
        let error = #expect(throws: ErrorReply.self) { try PageRequest(query: query) }
        #expect(error?.code == .badRequest)
        #expect(error?.field == field)
    }

    @Test("a query that is not well-formed")
    func malformedQuery() {
        #expect(throws: ErrorReply.self) { try PageRequest(query: "limit=%") }
    }

    @Test("dates")
    func dates() {
        #expect(HTTPDate.text(at: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        var date = HTTPDate()
        #expect(date.text(atMilliseconds: 999) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(date.text(atMilliseconds: 1000) == "Thu, 01 Jan 1970 00:00:01 GMT")
    }

    @Test(
        "bearer tokens",
        arguments: [
            ("Bearer abc", "abc"), ("bearer abc", "abc"), ("Basic abc", nil), ("Bearer", nil), ("", nil),
        ] as [(String, String?)]
    )
    func bearer(_ header: String, _ token: String?) {
        let head = HTTPRequestHead(method: "GET", target: "/", headers: HTTPHeaders([("Authorization", header)]))
        #expect(HTTPRequest(head: head, body: [], address: nil).bearer == token)
    }

    @Test(
        "which hosts are loopback",
        arguments: [
            ("localhost", true), ("LocalHost:8080", true), ("127.0.0.1:1", true), ("[::1]:8080", true), ("[::1]", true),
            ("evil.example", false), ("", false), ("127.0.0.1.evil.example", false), ("[::2]", false),
            ("10.0.0.1", false),
        ]
    )
    func loopback(_ host: String, _ expected: Bool) {
        #expect(DemoHost.isLoopback(host) == expected)
    }

    @Test("a browser's copy is good while the content is the same")
    func entityTags() {
        let file = WebFile(name: "a.css", body: [1, 2, 3])
        #expect(file.contentType == "text/css; charset=utf-8")
        #expect(file.matches(file.entityTag))
        #expect(file.matches("\"x\", W/\(file.entityTag)"))
        #expect(file.matches("*"))
        #expect(!file.matches(nil))
        #expect(!file.matches(WebFile(name: "a.css", body: [1, 2, 4]).entityTag))
    }

    @Test(
        "types by ending",
        arguments: [
            ("a.html", "text/html; charset=utf-8"), ("a.mjs", "text/javascript; charset=utf-8"),
            ("a.svg", "image/svg+xml"),
            ("a.d.ts", "text/plain; charset=utf-8"), ("a.json", "application/json"), ("a.png", "image/png"),
            ("a.ico", "image/x-icon"), ("a", "application/octet-stream"),
        ]
    )
    func types(_ name: String, _ type: String) {
        #expect(WebFile(name: name, body: []).contentType == type)
    }

    @Test(
        "every error code has its status",
        arguments: [
            (ErrorCode.badRequest, 400), (.unsupported, 400), (.unauthorized, 401), (.forbidden, 403), (.notFound, 404),
            (.conflict, 409), (.tooLarge, 413), (.rateLimited, 429), (.busy, 503), (.unavailable, 503),
            (.internal, 500),
        ]
    )
    func statuses(_ code: ErrorCode, _ status: Int) {
        #expect(Problem(ErrorReply(code, "no")).reply.status == status)
    }

    @Test("a problem carries what the error carried")
    func problem() {
        let error = ErrorReply(
            .conflict,
            "a \"quote\"",
            field: "if_version",
            retryAfter: 1500,
            current: [UInt8]("{}".utf8)
        )
        let reply = Problem(error).reply
        let expected =
            #"{"type":"about:blank","title":"Conflict","status":409,"code":"conflict","detail":"a \"quote\"","#
            + #""field":"if_version","retry_after":1500,"current":{}}"#
        #expect(String(decoding: reply.body, as: UTF8.self) == expected)
        #expect(reply.headers.contains { $0 == ("Retry-After", "2") })
        #expect(reply.headers.contains { $0 == ("Content-Type", "application/problem+json") })
    }

    @Test(
        "a rejection's status becomes a code",
        arguments: [
            (400, "bad_request"), (401, "unauthorized"), (403, "forbidden"), (404, "not_found"), (405, "bad_request"),
            (409, "conflict"), (413, "too_large"), (414, "too_large"), (429, "rate_limited"), (431, "too_large"),
            (501, "unsupported"), (503, "unavailable"), (505, "unsupported"),
        ]
    )
    func rejections(_ status: Int, _ code: String) {
        #expect(Problem(HTTPRejection(status: status, sentence: "no")).code == code)
    }
}
