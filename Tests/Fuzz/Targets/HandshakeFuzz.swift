@testable import HubProtocol

/// Opening handshakes: what is granted was offered and is within the policy; a refusal is a well-formed response.
///
/// Input, split at line feeds: the values of Sec-WebSocket-Extensions (may be repeated by FF), Origin,
/// Sec-WebSocket-Protocol, Host, Connection, Sec-WebSocket-Key; a line that is empty leaves the field as a browser sends it.
enum HandshakeFuzz {
    private static let usual: [(name: String, value: String?)] = [
        ("Sec-WebSocket-Extensions", nil), ("Origin", nil), ("Sec-WebSocket-Protocol", nil), ("Host", "hub.example"),
        ("Connection", "Upgrade"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 5, omittingEmptySubsequences: false)
        var fields: [(String, String)] = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
        for (index, field) in usual.enumerated() {
            let given = index < lines.count ? lines[index] : []
            if given.isEmpty {
                if let value = field.value { fields.append((field.name, value)) }
            } else {
                for value in given.split(separator: 0xFF) {
                    fields.append((field.name, String(decoding: value, as: UTF8.self)))
                }
            }
        }
        try check(HTTPRequestHead(method: "GET", target: "/ws", headers: HTTPHeaders(fields)))
    }

    private static let policies: [HandshakePolicy] = [
        HandshakePolicy(subprotocols: ["apus.v1"], allowedOrigins: ["https://shop.example", "http://10.0.0.1:8080"]),
        HandshakePolicy(deflate: .asOffered),
        HandshakePolicy(
            subprotocols: ["apus.v1", "apus.v2"],
            deflate: DeflatePolicy(serverContextTakeover: true, serverMaxWindowBits: 11, clientMaxWindowBits: 10)
        ),
        HandshakePolicy(deflate: nil),
    ]

    static func check(_ head: HTTPRequestHead) throws(BrokenPromise) {
        for policy in policies {
            switch WebSocketHandshake.evaluate(head, policy: policy) {
            case .rejected(let rejection):
                try hold([400, 403, 405, 426].contains(rejection.status), "refused with \(rejection.status)")
                try HTTPAnswer.check(rejection)
            case .accepted(let acceptance): try check(acceptance, of: head, policy)
            }
        }
    }

    private static func check(
        _ acceptance: HandshakeAcceptance,
        of head: HTTPRequestHead,
        _ policy: HandshakePolicy
    ) throws(BrokenPromise) {
        let (fields, body) = try HTTPAnswer.head(of: acceptance.response, status: 101)
        try hold(body == 0, "something follows the answer to a handshake")
        try hold(Set(fields.map { $0.prefix { $0 != ":" } }).count == fields.count, "a field is answered twice")
        if let subprotocol = acceptance.subprotocol {
            try hold(policy.subprotocols.contains(subprotocol), "a subprotocol that is not served")
            try hold(
                head.headers.tokens(of: "Sec-WebSocket-Protocol").contains(subprotocol),
                "one that was not offered"
            )
        }
        let answer = fields.first { $0.hasPrefix("Sec-WebSocket-Extensions: ") }?.dropFirst(26)
        try hold((answer == nil) == (acceptance.deflate == nil), "deflate is agreed on one side only")
        guard let answer, let granted = acceptance.deflate, let allowed = policy.deflate else { return }
        try check(String(answer), granted, allowed, of: head)
    }

    private static func check(
        _ answer: String,
        _ granted: DeflateParameters,
        _ allowed: DeflatePolicy,
        of head: HTTPRequestHead
    ) throws(BrokenPromise) {
        let offers = head.headers.values(of: "Sec-WebSocket-Extensions").joined(separator: ",").lowercased()
        try hold(offers.contains("permessage-deflate"), "an extension that was not offered")
        try hold(!granted.serverNoContextTakeover ? allowed.serverContextTakeover : true, "takeover against the policy")
        try hold(granted.serverMaxWindowBits <= allowed.serverMaxWindowBits, "a window against the policy")
        let parts = answer.split(separator: "; ").map(String.init)
        try hold(parts.first == "permessage-deflate", "another extension was answered")
        try hold(Set(parts).count == parts.count, "a parameter is answered twice")
        let says = { (name: String) in parts.contains(name) }
        try hold(says("server_no_context_takeover") == granted.serverNoContextTakeover, "the answer says otherwise")
        try hold(says("client_no_context_takeover") == granted.clientNoContextTakeover, "the answer says otherwise")
        for (name, bits) in [
            ("server_max_window_bits", granted.serverMaxWindowBits),
            ("client_max_window_bits", granted.clientMaxWindowBits),
        ] {
            let named = parts.first { $0.hasPrefix(name) }
            try hold(named == nil || named == "\(name)=\(bits)", "another window is answered than is used")
            try hold(named != nil || bits == 15, "a smaller window that the client is not told of")
        }
        // A client that did not say it understands this parameter must not get it (RFC 7692 §7.1.2.2).
        try hold(
            offers.contains("client_max_window_bits") || !answer.contains("client_max_window_bits"),
            "a window was imposed on a client"
        )
    }
}
