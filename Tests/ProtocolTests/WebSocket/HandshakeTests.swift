import Testing

@testable import HubProtocol

@Suite("Opening handshake: RFC 6455 §4.2")
struct HandshakeTests {
    private static let sample: [(String, String)] = [
        ("Host", "server.example.com"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
    ]

    private func evaluate(
        _ changes: [(String, String?)] = [],
        adding extra: [(String, String)] = [],
        method: String = "GET",
        minorVersion: Int = 1,
        contentLength: Int? = nil,
        isChunked: Bool = false,
        policy: HandshakePolicy = HandshakePolicy(subprotocols: ["apus.v1", "apus.v2"])
    ) -> HandshakeOutcome {
        var fields = Self.sample
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        let head = HTTPRequestHead(
            method: method,
            target: "/ws",
            minorVersion: minorVersion,
            headers: HTTPHeaders(fields + extra),
            contentLength: contentLength,
            isChunked: isChunked
        )
        return WebSocketHandshake.evaluate(head, policy: policy)
    }

    private func acceptance(_ outcome: HandshakeOutcome, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> HandshakeAcceptance
    {
        guard case .accepted(let acceptance) = outcome else {
            Issue.record("refused: \(outcome)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        return acceptance
    }

    private func expect(
        _ status: Int,
        _ word: String,
        _ outcome: HandshakeOutcome,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .rejected(let rejection) = outcome else {
            Issue.record("accepted", sourceLocation: sourceLocation)
            return
        }
        #expect(rejection.status == status, sourceLocation: sourceLocation)
        #expect(rejection.sentence.contains(word), "\(rejection.sentence)", sourceLocation: sourceLocation)
    }

    @Test("the handshake of §1.3 gets its 101, byte for byte")
    func sample() throws {
        let acceptance = try acceptance(evaluate())
        #expect(
            String(decoding: acceptance.response, as: UTF8.self)
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        #expect(acceptance.subprotocol == nil)
        #expect(acceptance.deflate == nil)
    }

    @Test("header names, Upgrade and Connection are compared without case, in lists, over several fields")
    func spelling() throws {
        _ = try acceptance(evaluate([("Upgrade", "WebSocket"), ("Connection", "keep-alive, upgrade")]))
        _ = try acceptance(
            evaluate(
                [("Upgrade", "h2c, websocket"), ("Connection", "keep-alive")],
                adding: [("connection", " Upgrade")]
            )
        )
    }

    @Test("only GET over HTTP/1.1 without a body")
    func request() {
        expect(405, "GET", evaluate(method: "POST"))
        expect(405, "GET", evaluate(method: "HEAD"))
        expect(400, "HTTP/1.1", evaluate(minorVersion: 0))
        expect(400, "body", evaluate(contentLength: 5))
        expect(400, "body", evaluate(isChunked: true))
        if case .rejected(let rejection) = evaluate(method: "POST") {
            #expect(rejection.headers.map(\.0) == ["Allow"])
        }
    }

    @Test("Host is required once")
    func host() {
        expect(400, "Host", evaluate([("Host", nil)]))
        expect(400, "Host", evaluate(adding: [("Host", "other")]))
    }

    @Test("Upgrade and Connection must ask for it")
    func upgrade() {
        expect(400, "Upgrade", evaluate([("Upgrade", nil)]))
        expect(400, "Upgrade", evaluate([("Upgrade", "websockets")]))
        expect(400, "Connection", evaluate([("Connection", nil)]))
        expect(400, "Connection", evaluate([("Connection", "keep-alive")]))
    }

    @Test("plain HTTP is told what is spoken here")
    func plainHTTP() {
        let outcome = evaluate([
            ("Upgrade", nil), ("Connection", nil), ("Sec-WebSocket-Key", nil), ("Sec-WebSocket-Version", nil),
        ])
        expect(426, "WebSocket", outcome)
        if case .rejected(let rejection) = outcome {
            #expect(rejection.headers.map(\.0) == ["Upgrade", "Sec-WebSocket-Version"])
        }
    }

    @Test(
        "every version but 13 gets 426 and the one served",
        arguments: [nil, "", "8", "12", "14", "013", "13, 8", "1 3"]
    )
    func version(_ value: String?) {
        let outcome = evaluate([("Sec-WebSocket-Version", value)])
        expect(426, "13", outcome)
        if case .rejected(let rejection) = outcome {
            #expect(rejection.headers.contains { $0 == ("Sec-WebSocket-Version", "13") })
        }
    }

    @Test("a repeated version is 400")
    func repeatedVersion() {
        expect(400, "Sec-WebSocket-Version", evaluate(adding: [("Sec-WebSocket-Version", "13")]))
    }

    @Test(
        "the key must be the base64 of 16 bytes, once",
        arguments: [
            nil, "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZTE=",
            "dGhlIHNhbXBsZSBub25j",
            "dGhlIHNhbXBsZSBub25jZQ==dGhl", "dGhlIHNhbXBsZSBub25j ZQ==", "dGhlIHNhbXBsZSBub25_ZQ==",
            "dGhlIHNhbXBsZSBub25jZ===",
            "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
        ]
    )
    func key(_ value: String?) {
        expect(400, "Sec-WebSocket-Key", evaluate([("Sec-WebSocket-Key", value)]))
    }

    @Test("a repeated key is 400")
    func repeatedKey() {
        expect(400, "Sec-WebSocket-Key", evaluate(adding: [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]))
    }

    @Test("the client's first subprotocol that is served is chosen, over several fields")
    func subprotocol() throws {
        let one = try acceptance(evaluate(adding: [("Sec-WebSocket-Protocol", "chat, apus.v2, apus.v1")]))
        #expect(one.subprotocol == "apus.v2")
        #expect(String(decoding: one.response, as: UTF8.self).contains("\r\nSec-WebSocket-Protocol: apus.v2\r\n"))
        let two = try acceptance(
            evaluate(adding: [("Sec-WebSocket-Protocol", "chat"), ("Sec-WebSocket-Protocol", "apus.v1")])
        )
        #expect(two.subprotocol == "apus.v1")
    }

    @Test(
        "offering only others is 400, and so is a malformed offer",
        arguments: ["chat", "APUS.V1", "", ",", "apus.v1, apus.v1", "apus.v1; q=1", "a b"]
    )
    func wrongSubprotocol(_ value: String) {
        expect(400, "ubprotocol", evaluate(adding: [("Sec-WebSocket-Protocol", value)]).renamed)
    }

    @Test("an endpoint without subprotocols passes offers over")
    func noSubprotocols() throws {
        let acceptance = try acceptance(
            evaluate(adding: [("Sec-WebSocket-Protocol", "chat")], policy: HandshakePolicy())
        )
        #expect(acceptance.subprotocol == nil)
        #expect(!String(decoding: acceptance.response, as: UTF8.self).contains("Protocol:"))
    }

    @Test("the own host's pages and configured ones may connect, others may not")
    func origin() throws {
        let policy = HandshakePolicy(allowedOrigins: ["https://app.example.com"])
        for fine in [
            "http://server.example.com", "https://SERVER.example.com", "https://app.example.com",
            "https://app.example.com:443",
        ] {
            _ = try acceptance(evaluate(adding: [("Origin", fine)], policy: policy))
        }
        for wrong in [
            "null", "", "http://app.example.com", "https://evil.com", "http://server.example.com.evil.com",
            "http://server.example.com:81", "server.example.com", "file://server.example.com",
        ] {
            expect(403, "Origin", evaluate(adding: [("Origin", wrong)], policy: policy))
        }
        let twice = [("Origin", "http://server.example.com"), ("Origin", "http://server.example.com")]
        expect(403, "Origin", evaluate(adding: twice, policy: policy))
    }

    private func extensions(_ offer: String, _ deflate: DeflatePolicy? = DeflatePolicy()) throws -> String? {
        let outcome = evaluate(adding: [("Sec-WebSocket-Extensions", offer)], policy: HandshakePolicy(deflate: deflate))
        let response = String(decoding: try acceptance(outcome).response, as: UTF8.self)
        let line = response.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Extensions: ") }
        #expect((line != nil) == (try acceptance(outcome).deflate != nil))
        return line.map { String($0.dropFirst(26)) }
    }

    @Test("permessage-deflate is granted without context takeover by default")
    func deflate() throws {
        let alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        #expect(try extensions("permessage-deflate") == alone)
        #expect(try extensions("permessage-deflate; client_max_window_bits") == alone)
        #expect(try extensions("x-webkit-deflate-frame, permessage-deflate") == alone)
        #expect(try extensions("permessage-deflate", nil) == nil)
        #expect(try extensions("x-other") == nil)
        #expect(try extensions("") == nil)
    }

    @Test("an invalid offer is passed over for the next one, in order over several fields")
    func fallback() throws {
        #expect(
            try extensions(
                "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=10",
                .asOffered
            )
                == "permessage-deflate; server_max_window_bits=10"
        )
        #expect(try extensions("permessage-deflate; unknown, permessage-deflate", .asOffered) == "permessage-deflate")
        #expect(try extensions("permessage-deflate; server_max_window_bits=16", .asOffered) == nil)
        let outcome = evaluate(
            adding: [
                ("Sec-WebSocket-Extensions", "permessage-deflate; x=1"),
                ("Sec-WebSocket-Extensions", "permessage-deflate"),
            ]
        )
        #expect(try acceptance(outcome).deflate != nil)
    }

    @Test(
        "a header that breaks the grammar is 400",
        arguments: ["permessage-deflate; ;", "permessage-deflate;", "a b", "a; b=", "a; b=\"", "a; b=\"c d\"", ";a"]
    )
    func malformedExtensions(_ value: String) {
        expect(400, "Extensions", evaluate(adding: [("Sec-WebSocket-Extensions", value)]))
    }
}

extension HandshakeOutcome {
    /// Brings the header's name into the words of the other subprotocol refusals.
    fileprivate var renamed: HandshakeOutcome {
        guard case .rejected(let rejection) = self else { return self }
        let sentence = rejection.sentence.replacing("Sec-WebSocket-Protocol", with: "subprotocol")
        return .rejected(HTTPRejection(status: rejection.status, sentence: sentence, headers: rejection.headers))
    }
}
