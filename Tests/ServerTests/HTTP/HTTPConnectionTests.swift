import Foundation
import HubCore
import Testing

@testable import HubServer

@Suite("HTTP over a socket", .serialized)
struct HTTPConnectionTests {
    private func get(_ path: String, _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    private func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        get(path, "Content-Length: \(body.utf8.count)\r\n\(fields)", method: "POST") + body
    }

    @Test("requests on one connection are answered one after the other, pipelined or not")
    func keepAlive() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(get("/healthz"))
            let first = try await socket.reply()
            #expect(first.status == 200)
            #expect(first.body == #"{"status":"ok"}"#)
            #expect(first["connection"] == "keep-alive")
            #expect(first["x-content-type-options"] == "nosniff")
            #expect(first["date"]?.hasSuffix(" GMT") == true)
            // A metrics page is made elsewhere, so the others have to wait for it.
            socket.send(get("/metrics") + get("/version") + get("/x") + get("/healthz", "Connection: close\r\n"))
            #expect(try await socket.reply().body.contains("# TYPE apus_build_info gauge"))
            #expect(try await socket.reply().json["protocol"] as? String == "apus.v1")
            #expect(try await socket.reply().status == 404)
            let last = try await socket.reply()
            #expect(last.status == 200)
            #expect(last["connection"] == "close")
            #expect(try await socket.rest().isEmpty)
        }
    }

    @Test("byte by byte it is the same request")
    func dripFeed() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            for byte in post("/demo/login", #"{"user":"anna"}"#).utf8 { socket.send([byte]) }
            #expect(try await socket.reply().json["token"] is String)
        }
    }

    @Test("HEAD has the head of GET and no body; 405 names the methods")
    func methods() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(get("/healthz", method: "HEAD"))
            let head = try await socket.reply(bodiless: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "15")
            socket.send(get("/healthz", method: "DELETE"))
            let refused = try await socket.reply()
            #expect(refused.status == 405)
            #expect(refused["allow"] == "GET, HEAD")
            #expect(refused["content-type"] == "application/problem+json")
        }
    }

    @Test(
        "a request that is not understood is answered, then the connection ends",
        arguments: [
            ("GET / HTTP/1.1\n\n", 400), ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
            ("POST /demo/login HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n", 413),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ]
    )
    func malformed(_ request: String, _ status: Int) async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(request)
            let reply = try await socket.reply()
            #expect(reply.status == status)
            #expect(reply["connection"] == "close")
            #expect(reply.json["status"] as? Int == status)
            #expect(try await socket.rest().isEmpty)
        }
    }

    @Test("who waits for 100 Continue gets it, or the refusal at once")
    func expectContinue() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            let body = #"{"user":"anna"}"#
            let fields = "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n"
            socket.send(get("/demo/login", fields, method: "POST"))
            #expect(try await socket.reply(bodiless: true).status == 100)
            socket.send(body)
            #expect(try await socket.reply().status == 200)
            socket.send(get("/nowhere", fields, method: "POST"))
            let refused = try await socket.reply()
            #expect(refused.status == 404)
            #expect(refused["connection"] == "close")
        }
    }

    @Test("a head or body that takes too long gets 408, silence between requests the end")
    func deadlines() async throws {
        let short = HTTPDeadlines(
            head: .milliseconds(100),
            body: .milliseconds(100),
            flush: .milliseconds(100),
            idle: .milliseconds(100)
        )
        try await TestServer.with(deadlines: short) { test in
            let slowHead = try RawSocket(port: test.port)
            slowHead.send("GET / HT")
            #expect(try await slowHead.reply().status == 408)
            #expect(try await slowHead.rest().isEmpty)
            let slowBody = try RawSocket(port: test.port)
            slowBody.send(get("/demo/login", "Content-Length: 10\r\n", method: "POST") + "{")
            #expect(try await slowBody.reply().status == 408)
            let idle = try RawSocket(port: test.port)
            idle.send(get("/healthz"))
            #expect(try await idle.reply().status == 200)
            #expect(try await idle.rest().isEmpty)
        }
    }

    @Test("a peer that reads nothing is not served further, and is cut off")
    func slowReader() async throws {
        let short = HTTPDeadlines(flush: .milliseconds(300))
        let big = WebFile(name: "big.js", body: [UInt8](repeating: 0x20, count: 4 << 20))
        try await TestServer.with(web: ["js/big.js": big], deadlines: short) { test in
            let socket = try RawSocket(port: test.port)
            for _ in 0..<8 { socket.send(get("/js/big.js")) }
            let other = try RawSocket(port: test.port)
            other.send(get("/js/big.js"))
            #expect(try await other.reply().body.utf8.count == 4 << 20)
            try socket.waitForReset()
        }
    }

    @Test("what is asked before the end of the stream is answered")
    func halfClose() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(get("/metrics"))
            socket.endSending()
            #expect(try await socket.reply().status == 200)
            #expect(try await socket.rest().isEmpty)
        }
    }

    @Test("pages: types, policy, and word that a copy is still good")
    func pages() async throws {
        let index = WebFile(name: "index.html", body: [UInt8]("<!doctype html>".utf8))
        try await TestServer.with(web: ["demo/index.html": index]) { test in
            let socket = try RawSocket(port: test.port)
            socket.send(get("/"))
            let page = try await socket.reply()
            #expect(page.body == "<!doctype html>")
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page["cache-control"] == "no-cache")
            #expect(page["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self'") == true)
            socket.send(get("/", "If-None-Match: \(page["etag"] ?? "")\r\n"))
            let same = try await socket.reply()
            #expect(same.status == 304)
            #expect(same.body.isEmpty)
            socket.send(get("/assets/nothing.js"))
            #expect(try await socket.reply().status == 404)
        }
    }

    @Test("ready while the store is; else 503 with the reason")
    func readiness() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            for (condition, status, reason) in [
                (StoreCondition.ready, 200, nil), (.busy(retryAfter: 5), 503, "the store is too far behind"),
                (.unavailable, 503, "the store cannot write"), (.ready, 200, nil),
            ] as [(StoreCondition, Int, String?)] {
                test.store.set(condition)
                socket.send(get("/readyz"))
                let reply = try await socket.reply()
                #expect(reply.status == status)
                #expect(reply.json["reason"] as? String == reason)
            }
            for rooms in [2, 0] {
                test.store.set(faultyRooms: rooms)
                socket.send(get("/readyz"))
                let reply = try await socket.reply()
                #expect(reply.status == (rooms > 0 ? 503 : 200))
                #expect((reply.json["reason"] as? String)?.contains("apus doctor") == (rooms > 0 ? true : nil))
            }
        }
    }

    @Test("the demo's people and their log-in")
    func demo() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(get("/demo/people"))
            let people = try #require(try await socket.reply().json["people"] as? [[String: Any]])
            func count(_ role: String) -> Int { people.count { ($0["roles"] as? [String]) == [role] } }
            #expect(count("user") >= 2 && count("helper") >= 1 && count("operator") >= 2)
            #expect(people.contains { $0["user"] as? String == "admin" && $0["roles"] as? [String] == ["admin"] })
            #expect(people.contains { $0["name"] as? String == "Анна" })
            socket.send(post("/demo/login", #"{"user":"anna"}"#))
            let token = try #require(try await socket.reply().json["token"] as? String)
            let authenticator = TokenAuthenticator(keys: [try await .hs256(id: "local", secret: TokenForge.secret)])
            let anna = try await authenticator.authenticate(token: token)
            #expect(anna.user == "anna" && anna.rooms == ["ticket:*"] && anna.roles == .user)
            socket.send(post("/demo/login", #"{"user":"nobody"}"#))
            #expect(try await socket.reply().status == 404)
            socket.send(post("/demo/login", #"{"user":7}"#))
            let bad = try await socket.reply()
            #expect(bad.status == 400)
            #expect(bad.json["field"] as? String == "user")
            socket.send("GET /demo/people HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            #expect(try await socket.reply().status == 403)
        }
    }
}
