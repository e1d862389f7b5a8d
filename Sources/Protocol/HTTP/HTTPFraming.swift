/// Where a request's body ends (RFC 9112 §6), and the other fields whose meaning must be beyond doubt.
///
/// Anything that two readers could take differently is refused: a repeated, listed, signed or overlong
/// Content-Length, one next to Transfer-Encoding, and any coding but a single `chunked`.
enum HTTPFraming {
    /// Checks the fields and makes the head.
    static func head(
        _ line: HTTPRequestLine,
        _ headers: HTTPHeaders,
        limits: HTTPLimits
    ) throws(HTTPRejection) -> HTTPRequestHead {
        try checkHost(line, headers)
        let isChunked = try isChunked(line, headers)
        let length = try contentLength(headers)
        guard !isChunked || length == nil else {
            throw .badRequest("Content-Length and Transfer-Encoding exclude each other.")
        }
        guard (length ?? 0) <= limits.maxBodyBytes else { throw bodyTooLarge }
        let expectations = line.minorVersion >= 1 ? headers.tokens(of: "Expect") : []
        guard expectations.allSatisfy({ HTTPCharacters.equalIgnoringCase($0.utf8, "100-continue".utf8) }) else {
            throw HTTPRejection(status: 417, sentence: "Only 100-continue can be expected.")
        }
        return HTTPRequestHead(
            method: line.method,
            target: line.target.origin,
            minorVersion: line.minorVersion,
            headers: headers,
            contentLength: length,
            isChunked: isChunked
        )
    }

    static let bodyTooLarge = HTTPRejection(status: 413, sentence: "The body is larger than the limit.")

    private static func checkHost(_ line: HTTPRequestLine, _ headers: HTTPHeaders) throws(HTTPRejection) {
        let hosts = headers.values(of: "Host")
        guard hosts.count <= 1 else { throw .badRequest("There is more than one Host.") }
        guard let host = hosts.first else {
            guard line.minorVersion == 0 else { throw .badRequest("Host is missing.") }
            return
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ HTTPCharacters.isHost($0) }) else {
            throw .badRequest("Host is not a host and port.")
        }
        if let authority = line.target.authority {
            guard HTTPCharacters.equalIgnoringCase(authority.utf8, host.utf8) else {
                throw .badRequest("Host differs from the host in the request target.")
            }
        }
    }

    private static func isChunked(_ line: HTTPRequestLine, _ headers: HTTPHeaders) throws(HTTPRejection) -> Bool {
        let codings = headers.values(of: "Transfer-Encoding")
        guard let coding = codings.first else { return false }
        guard line.minorVersion >= 1 else { throw .badRequest("HTTP/1.0 has no Transfer-Encoding.") }
        guard codings.count == 1, HTTPCharacters.equalIgnoringCase(coding.utf8, "chunked".utf8) else {
            throw .badRequest("The only Transfer-Encoding served is chunked.")
        }
        return true
    }

    private static func contentLength(_ headers: HTTPHeaders) throws(HTTPRejection) -> Int? {
        let lengths = headers.values(of: "Content-Length")
        guard let text = lengths.first else { return nil }
        guard lengths.count == 1 else { throw .badRequest("There is more than one Content-Length.") }
        var length = 0
        for byte in text.utf8 {
            guard let digit = HTTPCharacters.digit(byte) else {
                throw .badRequest("Content-Length is not a decimal number.")
            }
            // Beyond any limit; held there so that no number of digits overflows.
            length = min(length * 10 + digit, 1 << 56)
        }
        guard !text.isEmpty else { throw .badRequest("Content-Length is not a decimal number.") }
        return length
    }
}
