/// The web origin a browser names for the page that connects (RFC 6454 §7, RFC 6455 §10.2).
struct Origin: Hashable {
    let scheme: String
    let host: String
    let port: Int

    /// Reads `scheme://host[:port]`; nil for anything else, `null` among it.
    init?(_ text: String) {
        let lowercase = text.lowercased()
        guard let separator = lowercase.firstRange(of: "://") else { return nil }
        scheme = String(lowercase[..<separator.lowerBound])
        guard let standard = Self.standardPort(scheme),
            let authority = Self.authority(lowercase[separator.upperBound...])
        else { return nil }
        host = authority.host
        port = authority.port ?? standard
    }

    /// Whether the page comes from the host the request was sent to. Its scheme counts only where the request is known to
    /// be encrypted: behind a proxy that ends TLS the hub sees plain HTTP.
    func isSameHost(as hostField: String, encrypted: Bool = false) -> Bool {
        guard !encrypted || scheme == "https" else { return false }
        guard let authority = Self.authority(hostField.lowercased()[...]) else { return false }
        return authority.host == host && (authority.port ?? Self.standardPort(scheme)) == port
    }

    private static func standardPort(_ scheme: String) -> Int? {
        switch scheme {
        case "http", "ws": 80
        case "https", "wss": 443
        default: nil
        }
    }

    /// Splits `host[:port]`; the host of an IPv6 address keeps its brackets.
    private static func authority(_ text: Substring) -> (host: String, port: Int?)? {
        var end = text.endIndex
        var port: Int?
        if let colon = text.lastIndex(of: ":"), text[colon...].firstIndex(of: "]") == nil {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ HTTPCharacters.digit($0) != nil }), let number = UInt16(digits) else {
                return nil
            }
            port = Int(number)
            end = colon
        }
        let host = text[..<end]
        guard !host.isEmpty, host.utf8.allSatisfy({ HTTPCharacters.isHost($0) }) else { return nil }
        guard host.firstIndex(of: ":") == nil || (host.hasPrefix("[") && host.hasSuffix("]")) else { return nil }
        return (String(host), port)
    }
}
