extension ServerConfiguration {
    /// The settings of TLS. There is a certificate, so there is a key.
    public struct TLS: Sendable, Equatable {
        /// Path of the PEM file with the certificates.
        public let certificate: String
        /// Path of the PEM file with the private key.
        public let key: String
        /// `1.2` or `1.3`.
        public let minimumVersion: String
        /// Where to listen without TLS, too.
        public let plain: ListenPlace?
        /// How the operator spelled the two settings of files, for messages.
        let certificateName: String
        let keyName: String
    }

    /// An address and a port.
    public struct ListenPlace: Sendable, Equatable {
        /// An IPv4 or IPv6 literal, or `localhost`.
        public let host: String
        /// 0 takes a free one.
        public let port: Int

        /// Reads `127.0.0.1:8081`, `[::1]:8081` or `localhost:8081`; nil for anything else.
        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                return nil
            }
            guard host == "localhost" || AddressNetwork.bytes(of: String(host)) != nil else { return nil }
            self.host = String(host)
            self.port = Int(port)
        }
    }

    static func tls(_ values: SettingValues) throws(ConfigurationError) -> TLS? {
        let (certificate, key, plain) = ("tls.certificate", "tls.key", "tls.plain_address")
        for (own, other) in [(certificate, key), (key, certificate), (plain, certificate)]
        where !values.text(own).isEmpty && values.text(other).isEmpty {
            throw ConfigurationError(values.spelling(own), "needs \(other) beside it")
        }
        guard !values.text(certificate).isEmpty else { return nil }
        let place = ListenPlace(values.text(plain))
        guard values.text(plain).isEmpty || place != nil else {
            throw ConfigurationError(values.spelling(plain), "must be an address and a port, such as 127.0.0.1:8081")
        }
        return TLS(
            certificate: values.text(certificate),
            key: values.text(key),
            minimumVersion: values.text("tls.minimum_version"),
            plain: place,
            certificateName: values.spelling(certificate),
            keyName: values.spelling(key)
        )
    }
}
