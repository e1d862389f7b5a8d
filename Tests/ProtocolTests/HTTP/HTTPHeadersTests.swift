import HubProtocol
import Testing

@Suite("Header fields: RFC 9110 §5")
struct HTTPHeadersTests {
    private let headers = HTTPHeaders([("Accept", "a, b"), ("X", "1"), ("accept", " ,c ,, d e\t"), ("Empty", "")])

    @Test("names are compared without case, values come in order")
    func values() {
        #expect(headers[first: "ACCEPT"] == "a, b")
        #expect(headers.values(of: "Accept") == ["a, b", " ,c ,, d e\t"])
        #expect(headers[first: "Accep"] == nil)
        #expect(headers[first: "Empty"] == "")
        #expect(headers.count == 4)
        #expect(headers.pairs.map(\.name) == ["Accept", "X", "accept", "Empty"])
    }

    @Test("lists are joined over fields, trimmed, without empty elements")
    func tokens() {
        #expect(headers.tokens(of: "accept") == ["a", "b", "c", "d e"])
        #expect(headers.tokens(of: "Empty") == [])
        #expect(headers.hasToken("B", in: "Accept"))
        #expect(!headers.hasToken("d", in: "Accept"))
    }
}

@Suite("Request head")
struct HTTPRequestHeadTests {
    @Test(
        "path and query are cut at the first question mark",
        arguments: [
            ("/a", "/a", ""), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("/%3F?x=%20", "/%3F", "x=%20"),
            ("*", "*", ""),
        ]
    )
    func target(_ target: String, _ path: String, _ query: String) {
        let head = HTTPRequestHead(method: "GET", target: target)
        #expect(head.path == path)
        #expect(head.query == query)
    }

    @Test(
        "connections stay as version and Connection say",
        arguments: [
            (1, nil, true), (1, "close", false), (1, "Upgrade, CLOSE", false), (1, "keep-alive", true), (0, nil, false),
            (0, "Keep-Alive", true), (0, "close, keep-alive", false),
        ] as [(Int, String?, Bool)]
    )
    func keepAlive(_ version: Int, _ connection: String?, _ expected: Bool) {
        let headers = HTTPHeaders(connection.map { [("Connection", $0)] } ?? [])
        #expect(
            HTTPRequestHead(method: "GET", target: "/", minorVersion: version, headers: headers).keepAlive == expected
        )
    }

    @Test("HTTP/1.0 expects nothing, and a body is what is announced")
    func bodies() {
        let headers = HTTPHeaders([("Expect", "100-continue")])
        #expect(!HTTPRequestHead(method: "PUT", target: "/", minorVersion: 0, headers: headers).expectsContinue)
        #expect(HTTPRequestHead(method: "PUT", target: "/", headers: headers).expectsContinue)
        #expect(!HTTPRequestHead(method: "PUT", target: "/", contentLength: 0).hasBody)
        #expect(HTTPRequestHead(method: "PUT", target: "/", contentLength: 1).hasBody)
        #expect(HTTPRequestHead(method: "PUT", target: "/", isChunked: true).hasBody)
    }
}
