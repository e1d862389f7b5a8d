/// What an operator says about TLS: a certificate with its key, and the least version.
public struct TLSConfiguration: Sendable {
    /// The versions that are spoken. Older ones are broken, newer ones do not exist.
    public enum Version: String, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Path of a PEM file: the server's certificate first, then the certificates of its issuers.
    public var certificate: String

    /// Path of a PEM file with the certificate's private key, without a passphrase.
    public var key: String

    /// What a client must speak at least. Default 1.2.
    public var minimumVersion = Version.tls12

    /// How long a handshake may take, from the accept. Default 8 s; at the limit the connection is closed.
    public var handshakeTimeout: Duration = .seconds(8)

    /// What somebody is told who speaks plain HTTP to the port, as bytes for the socket. Default: nothing.
    public var replyToPlainHTTP: [UInt8] = []

    /// - Parameters:
    ///   - certificate: path of a PEM file with the chain, the server's own certificate first.
    ///   - key: path of a PEM file with the private key.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
