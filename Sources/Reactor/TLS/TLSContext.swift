import CTLS

/// One certificate in use: what every connection accepted with it is made from.
///
/// Versions from the configured one up; for TLS 1.2 only suites with forward secrecy and authenticated encryption; the
/// server's order, except that a client without AES in hardware gets ChaCha20. No renegotiation, no compression, no
/// early data, no sessions kept here (tickets instead).
/// Isolation: any thread; not changed after `init`.
final class TLSContext: Sendable {
    // Safety: an SSL_CTX counts its references atomically, and connections of all threads may be made from it once it is
    // set up. Freed with this object, which each of its connections holds.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// When the certificate ends, in seconds since 1970.
    let expiry: Int64

    let configuration: TLSConfiguration
    private let tickets: TLSTicketKeys

    private static let suites = "ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let groups = "X25519:P-256:P-384"
    /// What tells sessions of this server from those of others that a ticket might come from.
    private static let sessionContext = Array("apus".utf8)

    /// Errors: as of `TLSIdentity`, and a certificate or key that OpenSSL finds too weak.
    init(_ configuration: TLSConfiguration, tickets: TLSTicketKeys) throws(TLSError) {
        let identity = try TLSIdentity(configuration)
        guard let made = SSL_CTX_new(TLS_server_method()) else {
            throw TLSError(.certificate, "OpenSSL gives no context: \(TLSIdentity.takeReason())")
        }
        pointer = made
        expiry = identity.expiry
        self.configuration = configuration
        self.tickets = tickets
        let minimum = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        apus_tls_set_options(pointer)
        guard apus_tls_set_minimum_version(pointer, minimum) == 1,
            SSL_CTX_set_cipher_list(pointer, TLSContext.suites) == 1,
            apus_tls_set_groups(pointer, TLSContext.groups) == 1
        else { throw TLSError(.certificate, "OpenSSL refuses the settings: \(TLSIdentity.takeReason())") }
        apus_tls_release_idle_buffers(pointer)
        try use(identity)
        chooseProtocol()
        useTickets()
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    private func use(_ identity: TLSIdentity) throws(TLSError) {
        guard SSL_CTX_use_certificate(pointer, identity.certificate) == 1 else {
            throw TLSError(.certificate, "\(configuration.certificate) cannot be used: \(TLSIdentity.takeReason())")
        }
        for issuer in identity.issuers {
            X509_up_ref(issuer)
            guard apus_tls_add_issuer(pointer, issuer) == 1 else {
                X509_free(issuer)
                throw TLSError(.certificate, "\(configuration.certificate) cannot be used: \(TLSIdentity.takeReason())")
            }
        }
        guard SSL_CTX_use_PrivateKey(pointer, identity.key) == 1 else {
            throw TLSError(.key, "\(configuration.key) cannot be used: \(TLSIdentity.takeReason())")
        }
    }

    /// RFC 7301: a client that offers protocols gets HTTP/1.1 or the alert `no_application_protocol`; one that offers
    /// none is taken to mean HTTP/1.1.
    private func chooseProtocol() {
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, chosen, chosenLength, offers, length, _ in
                let wanted = StaticString("http/1.1")
                let offers = UnsafeBufferPointer(start: offers, count: Int(length))
                var position = 0
                while position < offers.count {
                    let name = position + 1
                    let end = name + Int(offers[position])
                    guard end <= offers.count else { break }
                    let isWanted = UnsafeBufferPointer(rebasing: offers[name..<end])
                        .elementsEqual(UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount))
                    if isWanted, let base = offers.baseAddress {
                        chosen?.pointee = base + name
                        chosenLength?.pointee = UInt8(end - name)
                        return SSL_TLSEXT_ERR_OK
                    }
                    position = end
                }
                return SSL_TLSEXT_ERR_ALERT_FATAL
            },
            nil
        )
    }

    private func useTickets() {
        apus_tls_keep_no_sessions(pointer)
        SSL_CTX_set_session_id_context(pointer, TLSContext.sessionContext, UInt32(TLSContext.sessionContext.count))
        SSL_CTX_set_timeout(pointer, Int(TLSTicketKeys.period.components.seconds))
        // Lifetime: this object holds the keys for as long as the SSL_CTX can ask for them.
        SSL_CTX_set_ex_data(pointer, 0, Unmanaged.passUnretained(tickets).toOpaque())
        SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer) { connection, name, iv, cipher, mac, isSealing in
            guard let context = SSL_get_SSL_CTX(connection), let keys = SSL_CTX_get_ex_data(context, 0), let name,
                let iv
            else { return -1 }
            let tickets = Unmanaged<TLSTicketKeys>.fromOpaque(keys).takeUnretainedValue()
            guard isSealing == 0 else { return tickets.seal(name: name, iv: iv, cipher, mac) }
            // A ticket of TLS 1.3 is for one connection (RFC 8446 §C.4), so who comes with one gets another.
            let isSpent = SSL_version(connection) == TLS1_3_VERSION
            return tickets.open(name: name, iv: iv, cipher, mac, isSpent: isSpent)
        }
    }
}

/// The two directions of OpenSSL's ticket callback, with its return values.
extension TLSTicketKeys {
    fileprivate func seal(
        name: UnsafeMutablePointer<UInt8>,
        iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?,
        _ mac: OpaquePointer?
    ) -> Int32 {
        let key = sealing()
        guard RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 else { return -1 }
        name.update(from: key.name, count: key.name.count)
        return apus_tls_key_ticket(cipher, mac, key.secret, iv, 1) == 1 ? 1 : -1
    }

    fileprivate func open(
        name: UnsafeMutablePointer<UInt8>,
        iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?,
        _ mac: OpaquePointer?,
        isSpent: Bool
    ) -> Int32 {
        let (handshake, resumed, renewed): (Int32, Int32, Int32) = (0, 1, 2)
        switch opening(UnsafeBufferPointer(start: name, count: 16)) {
        case nil: return handshake
        case .current(let key):
            guard apus_tls_key_ticket(cipher, mac, key.secret, iv, 0) == 1 else { return -1 }
            return isSpent ? renewed : resumed
        case .former(let key): return apus_tls_key_ticket(cipher, mac, key.secret, iv, 0) == 1 ? renewed : -1
        }
    }
}
