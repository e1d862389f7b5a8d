/// Certificate and key, and what goes with them.
extension SettingsTable {
    static let tls: [Setting] = [
        Setting(
            "tls.certificate",
            .text,
            standard: "",
            flag: "--tls-certificate",
            "PEM file with the server's certificate, then those of its issuers; with it the port speaks only TLS. SIGHUP reads it again."
        ),
        Setting(
            "tls.key",
            .text,
            standard: "",
            flag: "--tls-key",
            "PEM file with the certificate's private key, without a passphrase."
        ),
        Setting(
            "tls.minimum_version",
            .choice(["1.2", "1.3"]),
            standard: "1.2",
            "The oldest version of TLS that clients may speak."
        ),
        Setting(
            "tls.plain_address",
            .text,
            standard: "",
            "Address and port of a listener without TLS beside the one with it, such as `127.0.0.1:8081`; empty: none."
        ),
    ]
}
