import Testing

@testable import HubServer

@Suite("Providers over HTTP")
struct ProvidersRouteTests {
    private func get(_ server: TestServer, _ path: String, _ token: String?) async throws -> RawReply {
        let socket = try RawSocket(port: server.port)
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        socket.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(authorization)\r\n")
        return try await socket.reply()
    }

    @Test("staff see how every provider does, others get 403, and nobody else anything")
    func status() async throws {
        try await TestServer.with { server in
            for role in ["operator", "moderator", "admin", "developer"] {
                let reply = try await get(server, "/api/v1/providers", server.token(roles: [role]))
                #expect(reply.status == 200)
                #expect(
                    reply.body.contains(#""name":"main","dialect":"openai","model":"m","breaker":"open","requests":3"#)
                )
                #expect(
                    reply.body.contains(
                        #""failures":{"timeout":1},"tokens_in":120,"tokens_out":300,"first_token_ms":410"#
                    )
                )
                #expect(reply.body.contains(#"{"name":"idle","dialect":"groq""#))
            }
            for role in ["user", "helper", "viewer", "worker"] {
                let reply = try await get(server, "/api/v1/providers", server.token(roles: [role]))
                #expect(reply.status == 403)
            }
            #expect(try await get(server, "/api/v1/providers", nil).status == 401)
        }
    }

    @Test("the metrics page has every provider, the first token only where there was one")
    func metrics() async throws {
        try await TestServer.with { server in
            let page = try await get(server, "/metrics", nil).body
            for line in [
                #"apus_provider_requests_total{provider="main"} 3"#,
                #"apus_provider_requests_total{provider="idle"} 0"#,
                #"apus_provider_failures_total{provider="main",kind="timeout"} 1"#,
                #"apus_provider_tokens_total{provider="main",direction="out"} 300"#,
                #"apus_provider_first_token_seconds{provider="main"} 0.41"#,
                #"apus_provider_breaker_open{provider="main"} 1"#,
            ] {
                #expect(page.contains(line + "\n"))
            }
            #expect(!page.contains(#"apus_provider_first_token_seconds{provider="idle"}"#))
        }
    }
}
