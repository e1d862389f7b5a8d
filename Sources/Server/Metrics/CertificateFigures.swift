/// What the metrics page says of the certificate.
struct CertificateFigures: Sendable {
    /// When the one in use ends, in seconds since 1970.
    let expiry: Int64
    let reloads: ServerCertificate.Reloads
}
