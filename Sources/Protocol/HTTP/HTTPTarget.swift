/// The target of a request (RFC 9112 §3.2), brought into origin form.
///
///     /path?query                     origin form
///     http://host[:port]/path?query   absolute form: the authority must be the one in Host
///     *                               asterisk form, for OPTIONS alone
struct HTTPTarget {
    /// Path and query, or `*`.
    let origin: String
    /// The authority of an absolute form.
    let authority: String?

    init(_ bytes: ByteView, method: String) throws(HTTPRejection) {
        guard !bytes.isEmpty, bytes.allSatisfy(HTTPCharacters.isTarget) else {
            throw .badRequest("The request target holds characters that must be percent-encoded.")
        }
        let text = bytes.string()
        if text.hasPrefix("/") {
            (origin, authority) = (text, nil)
        } else if text == "*" {
            guard method == "OPTIONS" else { throw .badRequest("The target * is for OPTIONS alone.") }
            (origin, authority) = (text, nil)
        } else {
            (origin, authority) = try Self.absolute(text)
        }
    }

    private static func absolute(_ text: String) throws(HTTPRejection) -> (String, String?) {
        guard let scheme = ["http://", "https://"].first(where: { hasPrefix(text, $0) }) else {
            throw .badRequest("The request target is neither a path nor an http URL.")
        }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = String(rest[..<end])
        guard !authority.isEmpty, authority.utf8.allSatisfy({ HTTPCharacters.isHost($0) }) else {
            throw .badRequest("The request target has no valid host.")
        }
        let path = String(rest[end...])
        return (path.hasPrefix("/") ? path : "/" + path, authority)
    }

    private static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        HTTPCharacters.equalIgnoringCase(text.utf8.prefix(prefix.utf8.count), prefix.utf8)
    }
}
