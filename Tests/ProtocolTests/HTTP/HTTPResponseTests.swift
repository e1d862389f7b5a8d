import HubProtocol
import Testing

@Suite("Responses: RFC 9112 §4, §6")
struct HTTPResponseTests {
    private func text(_ body: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        body(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func response(
        _ status: Int,
        _ headers: [(String, String)] = [],
        _ body: String? = nil,
        keepAlive: Bool = true,
        omitBody: Bool = false
    ) -> String {
        text { bytes in
            Array((body ?? "").utf8).withUnsafeBytes { view in
                HTTPResponse.append(
                    status: status,
                    headers: headers,
                    body: body == nil ? nil : ByteView(view),
                    keepAlive: keepAlive,
                    omitBody: omitBody,
                    into: &bytes
                )
            }
        }
    }

    @Test("status line, fields, length, connection, body")
    func whole() {
        #expect(
            response(200, [("Content-Type", "text/plain")], "héllo")
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: keep-alive\r\n\r\nhéllo"
        )
        #expect(
            response(404, keepAlive: false)
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        #expect(response(299).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test("HEAD leaves the body out and keeps its length; 204 and 304 have neither")
    func noBody() {
        #expect(
            response(200, [], "abc", omitBody: true)
                == "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n"
        )
        #expect(response(204, [], "abc") == "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n")
        #expect(response(304, [], "abc") == "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n")
    }

    @Test("a value cannot end its line and a name that is no token is left out")
    func injection() {
        #expect(
            response(302, [("Location", "/a\r\nSet-Cookie: x=1\r\n\r\nbody\u{0}")]).contains(
                "\r\nLocation: /a  Set-Cookie: x=1    body \r\nContent-Length"
            )
        )
        #expect(!response(200, [("A: b\r\nC", "d"), ("", "e"), ("X Y", "f")]).contains("C" + ": d"))
        #expect(response(200, [("A\r\n", "d")]) == response(200))
    }

    @Test("framing fields are the writer's alone")
    func framing() {
        #expect(
            response(200, [("content-length", "99"), ("Transfer-Encoding", "chunked"), ("CONNECTION", "close")])
                == response(200)
        )
    }

    @Test("an Upgrade field is named in Connection")
    func upgrade() {
        #expect(
            response(426, [("Upgrade", "websocket")], keepAlive: false).contains("\r\nConnection: close, Upgrade\r\n")
        )
    }

    @Test("a refusal says its sentence and ends the connection")
    func rejection() {
        let rejection = HTTPRejection(status: 405, sentence: "No.", headers: [("Allow", "GET")])
        #expect(
            text { HTTPResponse.append(rejection, into: &$0) }
                == "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 4\r\nConnection: close\r\n\r\nNo.\n"
        )
    }

    @Test("interim and streaming heads")
    func heads() {
        #expect(text { HTTPResponse.appendContinue(into: &$0) } == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(
            text { HTTPResponse.appendHead(status: 200, headers: [("Content-Type", "text/event-stream")], into: &$0) }
                == "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        )
    }

    @Test(
        "every status the protocol uses has its phrase",
        arguments: [101, 200, 201, 400, 401, 403, 404, 405, 409, 413, 414, 417, 426, 429, 431, 501, 503, 505]
    )
    func reasons(_ status: Int) {
        #expect(!HTTPResponse.reason(status).isEmpty)
    }
}
