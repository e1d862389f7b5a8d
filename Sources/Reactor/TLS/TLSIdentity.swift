import CTLS
import Glibc

/// A certificate with its issuers and its private key, read from files and checked against each other and the clock.
///
/// Owns what OpenSSL allocated for it. Lives on the thread that reads it until a context has taken it over.
final class TLSIdentity {
    /// X509, the server's own.
    private(set) var certificate: OpaquePointer?
    /// X509, those of its issuers.
    private(set) var issuers: [OpaquePointer] = []
    /// EVP_PKEY.
    private(set) var key: OpaquePointer?
    /// When the certificate ends, in seconds since 1970.
    private(set) var expiry: Int64 = 0

    /// Errors: the file that is missing, unreadable or something else; a certificate out of its time; a key of another
    /// certificate or behind a passphrase.
    init(_ configuration: TLSConfiguration) throws(TLSError) {
        ERR_clear_error()
        try readCertificates(configuration.certificate)
        try checkTime(configuration.certificate)
        try readKey(configuration.key)
        guard X509_check_private_key(certificate, key) == 1 else {
            throw TLSError(
                .key,
                "\(configuration.key) is not the key of the certificate in \(configuration.certificate)"
            )
        }
    }

    deinit {
        X509_free(certificate)
        for issuer in issuers { X509_free(issuer) }
        EVP_PKEY_free(key)
        ERR_clear_error()
    }

    private func readCertificates(_ path: String) throws(TLSError) {
        let bytes = try TLSFile.read(path, .certificate)
        bytes.withUnsafeBytes { bytes in
            // Reads where the bytes are, so it must not outlive them.
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { BIO_free(bio) }
            certificate = PEM_read_bio_X509_AUX(bio, nil, noPassphrase, nil)
            while certificate != nil, let issuer = PEM_read_bio_X509(bio, nil, noPassphrase, nil) {
                issuers.append(issuer)
            }
        }
        guard certificate != nil else {
            throw TLSError(.certificate, "\(path) holds no certificate in PEM: \(TLSIdentity.takeReason())")
        }
        // The end of the file looks like this to OpenSSL.
        guard apus_tls_error_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE else {
            throw TLSError(
                .certificate,
                "\(path) holds a broken certificate behind the first: \(TLSIdentity.takeReason())"
            )
        }
        ERR_clear_error()
    }

    private func checkTime(_ path: String) throws(TLSError) {
        var beginning: Int64 = 0
        guard apus_tls_read_period(certificate, &beginning, &expiry) == 1 else {
            throw TLSError(.certificate, "\(path) holds a certificate without readable dates")
        }
        let now = Clock.wallMilliseconds / 1000
        guard now <= expiry else {
            throw TLSError(.certificate, "the certificate in \(path) has expired, on \(TLSIdentity.text(expiry))")
        }
        guard now >= beginning else {
            throw TLSError(
                .certificate,
                "the certificate in \(path) is not valid before \(TLSIdentity.text(beginning)); is the clock right?"
            )
        }
    }

    private func readKey(_ path: String) throws(TLSError) {
        let bytes = try TLSFile.read(path, .key)
        var wasAskedFor = false
        bytes.withUnsafeBytes { bytes in
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { BIO_free(bio) }
            key = PEM_read_bio_PrivateKey(bio, nil, noPassphrase, &wasAskedFor)
        }
        guard key != nil else {
            guard !wasAskedFor else {
                throw TLSError(.key, "\(path) is protected by a passphrase; a server's key must have none")
            }
            throw TLSError(.key, "\(path) holds no private key in PEM: \(TLSIdentity.takeReason())")
        }
    }

    /// What OpenSSL noted last, in its own words; empties its notes.
    static func takeReason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given"
    }

    private static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "\(seconds)" }
        let (year, month, day) = (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}

@available(*, unavailable)
extension TLSIdentity: Sendable {}

/// Without a callback OpenSSL would ask on the terminal. Notes that it was asked where there is room for the note.
private func noPassphrase(
    _ passphrase: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ isWriting: Int32,
    _ note: UnsafeMutableRawPointer?
) -> Int32 {
    note?.storeBytes(of: true, as: Bool.self)
    return -1
}
