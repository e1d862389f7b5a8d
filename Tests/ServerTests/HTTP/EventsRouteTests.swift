import Foundation
import HubCore
import Testing

@testable import HubServer

@Suite("Events over HTTP", .serialized)
struct EventsRouteTests {
    private let path = "/api/v1/rooms/ticket%3A42/events"

    private func request(
        _ method: String,
        _ target: String,
        token: String?,
        body: String = "",
        fields: String = ""
    ) -> String {
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return "\(method) \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n"
            + "\(authorization)\(fields)\r\n\(body)"
    }

    @Test("a post is kept, a second one with its key is the same, and history has it once")
    func publish() async throws {
        try await TestServer.with { test in
            let token = try await test.token()
            let socket = try RawSocket(port: test.port)
            let body = "{\"kind\":\"message\",\r\n \"data\":{\"text\":\n\"привет\"}}"
            socket.send(request("POST", path, token: token, body: body, fields: "Idempotency-Key: k1\r\n"))
            let first = try await socket.reply()
            #expect(first.status == 201)
            #expect(first.json["offset"] as? Int == 1)
            #expect(first.json["epoch"] as? String == "epoch-1")
            #expect(first.json["duplicate"] == nil)
            socket.send(request("POST", path, token: token, body: #"{"kind":"message","data":2,"key":"k1"}"#))
            let second = try await socket.reply()
            #expect(second.status == 200)
            #expect(second.json["offset"] as? Int == 1)
            #expect(second.json["duplicate"] as? Bool == true)
            socket.send(request("POST", path + "?ack=accepted", token: token, body: #"{"kind":"message","data":3}"#))
            #expect(try await socket.reply().status == 201)
            socket.send(request("GET", path + "?after=0", token: token))
            let page = try await socket.reply().json
            let events = try #require(page["events"] as? [[String: Any]])
            #expect(events.map { $0["offset"] as? Int } == [1, 2])
            #expect((events[0]["data"] as? [String: Any])?["text"] as? String == "привет")
            #expect(events[0]["key"] as? String == "k1")
            #expect(page["more"] as? Bool == false)
            #expect(page["epoch"] as? String == "epoch-1")
            socket.send(request("GET", path + "?before=2&limit=1", token: token))
            #expect((try await socket.reply().json["events"] as? [[String: Any]])?.count == 1)
        }
    }

    @Test("who is not known gets 401, who may not 403")
    func rights() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            let body = #"{"kind":"message","data":1}"#
            for token in [nil, "garbage"] as [String?] {
                socket.send(request("POST", path, token: token, body: body))
                let reply = try await socket.reply()
                #expect(reply.status == 401)
                #expect(reply["www-authenticate"] == "Bearer")
                #expect(reply.json["code"] as? String == "unauthorized")
            }
            let token = try await test.token("u9", roles: ["user"], rooms: ["ticket:1"])
            for method in ["POST", "GET"] {
                socket.send(request(method, path, token: token, body: method == "POST" ? body : ""))
                #expect(try await socket.reply().status == 403)
            }
        }
    }

    @Test(
        "what is wrong with a post is named",
        arguments: [
            ("", nil), ("[]", nil), ("{}", "kind"), (#"{"kind":"message"}"#, "data"),
            (#"{"kind":"A","data":1}"#, "kind"),
            (#"{"kind":"message","data":1,"key":""}"#, "key"), (#"{"kind":"message","data":1,"ack":"x"}"#, "ack"),
            (#"{"kind":"message","data":1,"kind":"x"}"#, "kind"), (#"{"kind":"message","data":tru}"#, nil),
        ] as [(String, String?)]
    )
    func badBodies(_ body: String, _ field: String?) async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(request("POST", path, token: try await test.token(), body: body))
            let reply = try await socket.reply()
            #expect(reply.status == 400)
            if let field { #expect(reply.json["field"] as? String == field) }
        }
    }

    @Test(
        "queries, keys and rooms that are wrong are named",
        arguments: [
            ("POST", "ticket%3A42/events?ack=never", "ack", ""), ("POST", "ticket%3A42/events?ack=%", nil, ""),
            ("POST", "ticket/events", "room", ""), ("GET", "a%20b%3A1/events", "room", ""),
            ("GET", "ticket%3A42/events?limit=x", "limit", ""),
            ("POST", "ticket%3A42/events", "key", "Idempotency-Key: k2\r\n"),
            ("POST", "ticket%3A42/events", "key", "Idempotency-Key: \u{FFFD}\r\n"),
            ("POST", "ticket%3A42/events", "key", "Idempotency-Key: \(String(repeating: "k", count: 65))\r\n"),
        ] as [(String, String, String?, String)]
    )
    func badRequests(_ method: String, _ target: String, _ field: String?, _ fields: String) async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            let body = method == "POST" ? #"{"kind":"message","data":1,"key":"k1"}"# : ""
            let token = try await test.token()
            socket.send(request(method, "/api/v1/rooms/\(target)", token: token, body: body, fields: fields))
            let reply = try await socket.reply()
            #expect(reply.status == 400)
            #expect(reply.json["field"] as? String == field)
        }
    }

    @Test("a store that is behind or broken: 503 with when to come back; too much data: 413; reserved kinds: 403")
    func refusals() async throws {
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            let token = try await test.token()
            let body = #"{"kind":"message","data":1}"#
            test.store.set(.busy(retryAfter: 2500))
            socket.send(request("POST", path, token: token, body: body))
            let busy = try await socket.reply()
            #expect(busy.status == 503)
            #expect(busy.json["code"] as? String == "busy")
            #expect(busy["retry-after"] == "3")
            test.store.set(.unavailable)
            socket.send(request("POST", path, token: token, body: body))
            let broken = try await socket.reply()
            #expect(broken.status == 503)
            #expect(broken.json["code"] as? String == "unavailable")
            #expect(broken["retry-after"] != nil)
            test.store.set(.ready)
            let large = #"{"kind":"message","data":"\#(String(repeating: "x", count: 65_536))"}"#
            socket.send(request("POST", path, token: token, body: large))
            #expect(try await socket.reply().status == 413)
            socket.send(request("POST", path, token: token, body: #"{"kind":"presence","data":1}"#))
            #expect(try await socket.reply().status == 403)
        }
    }

    @Test("CORS: configured origins get headers and preflights, others nothing")
    func crossOrigin() async throws {
        try await TestServer.with(["cors.allowed_origins": .list(["https://desk.example"])]) { test in
            let socket = try RawSocket(port: test.port)
            socket.send(request("OPTIONS", path, token: nil, fields: "Origin: https://desk.example\r\n"))
            let preflight = try await socket.reply()
            #expect(preflight.status == 204)
            #expect(preflight["access-control-allow-origin"] == "https://desk.example")
            #expect(preflight["access-control-allow-headers"]?.contains("Idempotency-Key") == true)
            socket.send(request("GET", path, token: nil, fields: "Origin: https://desk.example\r\n"))
            let refused = try await socket.reply()
            #expect(refused.status == 401)
            #expect(refused["access-control-allow-origin"] == "https://desk.example")
            #expect(refused["vary"] == "Origin")
            socket.send(request("OPTIONS", path, token: nil, fields: "Origin: https://evil.example\r\n"))
            let foreign = try await socket.reply()
            #expect(foreign["access-control-allow-origin"] == nil)
            #expect(foreign["access-control-allow-methods"] == nil)
        }
        try await TestServer.with { test in
            let socket = try RawSocket(port: test.port)
            socket.send(request("GET", path, token: nil, fields: "Origin: https://desk.example\r\n"))
            #expect(try await socket.reply()["access-control-allow-origin"] == nil)
        }
    }
}
