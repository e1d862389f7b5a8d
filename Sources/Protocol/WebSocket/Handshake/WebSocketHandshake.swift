/// The server's part of the opening handshake (RFC 6455 §4.2): judges a request head and makes the 101 response.
/// Paths and authentication are the caller's.
public enum WebSocketHandshake {
    /// Judges a request to the endpoint.
    ///
    /// Refusals: 405 for a method other than GET, 426 for a version other than 13 or a request that is plain HTTP,
    /// 403 for a foreign origin, 400 for the rest.
    public static func evaluate(_ head: HTTPRequestHead, policy: HandshakePolicy) -> HandshakeOutcome {
        do throws(HTTPRejection) {
            try checkRequest(head)
            try checkUpgrade(head.headers)
            let key = try key(head.headers)
            try checkOrigin(head.headers, policy)
            let subprotocol = try subprotocol(head.headers, policy)
            let deflate = try deflate(head.headers, policy)
            let response = response(key: key, subprotocol: subprotocol, extensions: deflate?.answer)
            return .accepted(
                HandshakeAcceptance(response: response, subprotocol: subprotocol, deflate: deflate?.parameters)
            )
        } catch {
            return .rejected(error)
        }
    }

    private static func checkRequest(_ head: HTTPRequestHead) throws(HTTPRejection) {
        guard head.method == "GET" else {
            throw HTTPRejection(status: 405, sentence: "A WebSocket is opened with GET.", headers: [("Allow", "GET")])
        }
        guard head.minorVersion >= 1 else { throw .badRequest("A WebSocket is opened with HTTP/1.1.") }
        guard head.headers.values(of: "Host").count == 1 else { throw .badRequest("Host is missing or repeated.") }
        guard !head.hasBody else { throw .badRequest("An opening handshake has no body.") }
    }

    private static func checkUpgrade(_ headers: HTTPHeaders) throws(HTTPRejection) {
        let upgrades = headers[first: "Upgrade"] != nil
        guard upgrades || headers[first: "Sec-WebSocket-Key"] != nil else {
            throw HTTPRejection(
                status: 426,
                sentence: "This address speaks WebSocket only.",
                headers: [("Upgrade", "websocket"), version13]
            )
        }
        guard headers.hasToken("websocket", in: "Upgrade") else {
            throw .badRequest("Upgrade does not name websocket.")
        }
        guard headers.hasToken("Upgrade", in: "Connection") else {
            throw .badRequest("Connection does not name Upgrade.")
        }
        let versions = headers.values(of: "Sec-WebSocket-Version")
        guard versions.count <= 1 else { throw .badRequest("There is more than one Sec-WebSocket-Version.") }
        guard versions.first == "13" else {
            throw HTTPRejection(
                status: 426,
                sentence: "The only Sec-WebSocket-Version served is 13.",
                headers: [("Upgrade", "websocket"), version13]
            )
        }
    }

    private static let version13 = ("Sec-WebSocket-Version", "13")

    private static func key(_ headers: HTTPHeaders) throws(HTTPRejection) -> String {
        let keys = headers.values(of: "Sec-WebSocket-Key")
        guard keys.count == 1, let key = keys.first else {
            throw .badRequest("Sec-WebSocket-Key is missing or repeated.")
        }
        guard HandshakeKey.isValid(key) else {
            throw .badRequest("Sec-WebSocket-Key is not the base64 of 16 bytes.")
        }
        return key
    }

    private static func checkOrigin(_ headers: HTTPHeaders, _ policy: HandshakePolicy) throws(HTTPRejection) {
        let origins = headers.values(of: "Origin")
        guard let text = origins.first else { return }
        let host = headers[first: "Host"] ?? ""
        guard origins.count == 1, let origin = Origin(text),
            origin.isSameHost(as: host, encrypted: policy.isEncrypted)
                || policy.allowedOrigins.contains(where: { Origin($0) == origin })
        else { throw HTTPRejection(status: 403, sentence: "Pages of this Origin may not connect.") }
    }

    /// The first of the client's subprotocols that is served, in the client's order of preference.
    private static func subprotocol(_ headers: HTTPHeaders, _ policy: HandshakePolicy) throws(HTTPRejection) -> String?
    {
        guard headers[first: "Sec-WebSocket-Protocol"] != nil else { return nil }
        let offered = headers.tokens(of: "Sec-WebSocket-Protocol")
        guard !offered.isEmpty, offered.allSatisfy({ HTTPCharacters.isToken($0) }) else {
            throw .badRequest("Sec-WebSocket-Protocol is not a list of tokens.")
        }
        guard Set(offered).count == offered.count else {
            throw .badRequest("Sec-WebSocket-Protocol names a subprotocol twice.")
        }
        guard !policy.subprotocols.isEmpty else { return nil }
        guard let chosen = offered.first(where: { policy.subprotocols.contains($0) }) else {
            throw .badRequest("None of the subprotocols offered is served here.")
        }
        return chosen
    }

    /// The first acceptable offer of permessage-deflate. Other extensions and offers that are invalid are declined by
    /// saying nothing about them; a header that breaks the grammar fails the handshake (RFC 6455 §9.1).
    private static func deflate(
        _ headers: HTTPHeaders,
        _ policy: HandshakePolicy
    ) throws(HTTPRejection) -> (parameters: DeflateParameters, answer: String)? {
        var elements: [ExtensionElement] = []
        for value in headers.values(of: "Sec-WebSocket-Extensions") {
            guard let parsed = ExtensionElement.parse(value) else {
                throw .badRequest("Sec-WebSocket-Extensions is malformed.")
            }
            elements += parsed
        }
        guard let wanted = policy.deflate else { return nil }
        for element in elements {
            guard let offer = DeflateOffer(element), let granted = offer.accepted(by: wanted) else { continue }
            return (granted, offer.answer(granted))
        }
        return nil
    }

    private static func response(key: String, subprotocol: String?, extensions: String?) -> [UInt8] {
        var text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        text += "Sec-WebSocket-Accept: \(HandshakeKey.accept(key))\r\n"
        if let subprotocol { text += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        if let extensions { text += "Sec-WebSocket-Extensions: \(extensions)\r\n" }
        return Array((text + "\r\n").utf8)
    }
}
