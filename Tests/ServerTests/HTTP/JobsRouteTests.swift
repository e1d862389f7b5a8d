import Foundation
import HubCore
import Testing

@testable import HubServer

@Suite("Jobs over HTTP", .serialized)
struct JobsRouteTests {
    private func request(
        _ method: String,
        _ target: String,
        token: String,
        body: String = "",
        fields: String = ""
    ) -> String {
        "\(method) /api/v1/jobs\(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Authorization: Bearer \(token)\r\n\(fields)\r\n\(body)"
    }

    @Test("a job goes from its submission to its end, each key once")
    func life() async throws {
        try await TestServer.with { test in
            let token = try await test.token(roles: ["operator", "worker"])
            let socket = try RawSocket(port: test.port)
            func ask(_ method: String, _ target: String, _ body: String = "", _ fields: String = "") async throws
                -> (status: Int, json: [String: Any])
            {
                socket.send(request(method, target, token: token, body: body, fields: fields))
                let reply = try await socket.reply()
                return (reply.status, reply.json)
            }
            let made = try await ask("POST", "", #"{"kind":"k","input":1}"#, "Idempotency-Key: a\r\n")
            #expect(made.status == 201)
            let again = try await ask("POST", "", #"{"kind":"k","input":2,"key":"a"}"#)
            #expect(again.status == 200 && again.json["job"] as? String == made.json["job"] as? String)
            let job = try #require(made.json["job"] as? String)
            let got = try await ask("POST", "/claim", #"{"kinds":["k"]}"#)
            #expect(got.json["job"] as? String == job)
            let lease = try #require(got.json["lease"] as? String)
            #expect(try await ask("POST", "/\(job)/progress", "{\"lease\":\"\(lease)\",\"stage\":\"s\"}").status == 200)
            #expect(try await ask("POST", "/\(job)/answer", #"{"question":"q","text":"t"}"#).status == 200)
            #expect(try await ask("POST", "/\(job)/cancel").json["state"] as? String == "running")
            let done = try await ask("POST", "/\(job)/done", "{\"lease\":\"\(lease)\",\"result\":[]}")
            #expect(done.json["state"] as? String == "done")
            #expect(try await ask("GET", "?state=done&limit=5").status == 200)
        }
    }

    @Test("what is wrong is named")
    func refusals() async throws {
        try await TestServer.with { test in
            let token = try await test.token(roles: ["operator", "worker"])
            let socket = try RawSocket(port: test.port)
            let wrong: [(method: String, target: String, body: String, status: Int, field: String?)] = [
                ("POST", "", #"{"input":1}"#, 400, "kind"),
                ("POST", "", "nothing", 400, nil),
                ("POST", "/claim", "{}", 400, "kinds"),
                ("POST", "/a%2Fb/cancel", "", 400, "job"),
                ("GET", "?limit=0", "", 400, "limit"),
                ("GET", "?state=odd", "", 400, "state"),
                ("GET", "?cursor=odd", "", 400, "cursor"),
                ("GET", "?kind=ODD", "", 400, "kind"),
                ("GET", "/never", "", 404, "job"),
                ("POST", "/never/odd", "", 404, nil),
                ("PUT", "/never", "", 405, nil),
            ]
            for (method, target, body, status, field) in wrong {
                socket.send(request(method, target, token: token, body: body))
                let reply = try await socket.reply()
                #expect(reply.status == status, "\(method) \(target)")
                if let field { #expect(reply.json["field"] as? String == field, "\(method) \(target)") }
            }
            socket.send(
                request(
                    "POST",
                    "",
                    token: token,
                    body: #"{"kind":"k","input":1}"#,
                    fields: "Idempotency-Key: \u{FFFD}\r\n"
                )
            )
            #expect(try await socket.reply().status == 400)
        }
    }
}
