import CTLS

/// Why TLS ended a connection; the raw value is the label of the metric.
public enum TLSFailure: String, CaseIterable, Hashable, Sendable {
    /// The client began with an HTTP request.
    case plainHTTP = "plain_http"
    /// The client speaks no version that is allowed here.
    case version = "unsupported_version"
    /// Client and server share no cipher, group or kind of signature.
    case cipher = "no_shared_cipher"
    /// The client offers protocols by ALPN, and HTTP/1.1 is not among them.
    case applicationProtocol = "no_application_protocol"
    /// The client gave up with an alert: it does not trust the certificate, as a rule.
    case peerAlert = "peer_alert"
    /// Bytes that are no TLS, or were changed on their way.
    case malformed = "malformed"
    /// The handshake was not over in time.
    case timeout = "timeout"
    /// The client went away in the middle of the handshake.
    case disconnected = "disconnected"
    /// This side gave the connection up before the handshake was over.
    case abandoned = "abandoned"
    /// The client asked for replies of TLS itself, such as new keys, without reading them.
    case controlFlood = "control_flood"

    /// What OpenSSL noted first; empties its notes.
    static func takeNoted() -> TLSFailure {
        let code = ERR_peek_error()
        ERR_clear_error()
        switch apus_tls_error_reason(code) {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: return .plainHTTP
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH: return .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_GROUPS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
            return .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: return .applicationProtocol
        // Alerts received are numbered from here on, by what they say.
        case SSL_AD_REASON_OFFSET..<SSL_AD_REASON_OFFSET + 256: return .peerAlert
        default: return .malformed
        }
    }
}
