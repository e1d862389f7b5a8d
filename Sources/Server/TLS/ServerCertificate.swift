import Foundation
import HubProtocol
import Logging
import Reactor
import Synchronization

/// The certificate that the hub serves with: read at the start, read again on request, told about in logs and metrics.
///
/// Isolation: any thread but a loop's, since it reads files.
public final class ServerCertificate: Sendable {
    /// How often it was read again.
    struct Reloads: Sendable, Equatable {
        var done = 0
        var failed = 0
    }

    let endpoint: TLSEndpoint
    private let settings: ServerConfiguration.TLS
    private let logger: Logger
    private let counted = Mutex(Reloads())

    /// A certificate that ends so soon is worth a warning; renewals are due a month before the end, as a rule.
    private static let warningDays = 14

    /// Reads the files; `handshakeTimeout` counts from the accept.
    ///
    /// Errors: the setting whose file cannot be used, and why.
    public init(
        _ settings: ServerConfiguration.TLS,
        handshakeTimeout: Duration = .seconds(8),
        logger: Logger
    ) throws(ConfigurationError) {
        var configuration = TLSConfiguration(certificate: settings.certificate, key: settings.key)
        configuration.minimumVersion = TLSConfiguration.Version(rawValue: settings.minimumVersion) ?? .tls12
        configuration.handshakeTimeout = handshakeTimeout
        configuration.replyToPlainHTTP = ServerCertificate.replyToPlainHTTP
        do throws(TLSError) {
            endpoint = try TLSEndpoint(configuration)
        } catch {
            throw ServerCertificate.complaint(error, settings)
        }
        self.settings = settings
        self.logger = logger
        warn()
    }

    /// Reads both files again; where they cannot be used the former ones stay, and the log says why.
    public func reload() {
        do throws(TLSError) {
            try endpoint.reload()
            logger.notice(
                "new connections get the certificate read just now",
                metadata: [LogKey.path: "\(settings.certificate)", LogKey.expires: "\(expiryText)"]
            )
            warn()
            counted.withLock { $0.done += 1 }
        } catch {
            logger.error(
                "the certificate was not taken; the former one stays in use",
                metadata: [
                    LogKey.reason: "\(ServerCertificate.complaint(error, settings))", LogKey.expires: "\(expiryText)",
                ]
            )
            counted.withLock { $0.failed += 1 }
        }
    }

    /// When the certificate in use ends, in seconds since 1970.
    var expiry: Int64 { endpoint.certificateExpiry }

    var reloads: Reloads { counted.withLock { $0 } }

    /// When the certificate in use ends, as a date.
    public var expiryText: String {
        Date(timeIntervalSince1970: Double(expiry)).formatted(.iso8601)
    }

    /// What is not wrong, but should be seen to; empty as a rule.
    public var warnings: [String] {
        var sentences: [String] = []
        if endpoint.isKeyTooOpen {
            sentences.append("\(settings.key) can be read by others or changed by its group: chmod 600 \(settings.key)")
        }
        let days = Int((Double(expiry) - Date().timeIntervalSince1970) / 86_400)
        if days < ServerCertificate.warningDays {
            sentences.append("the certificate in \(settings.certificate) ends in \(days) days, on \(expiryText)")
        }
        return sentences
    }

    private func warn() {
        for sentence in warnings { logger.warning("TLS needs a look", metadata: [LogKey.reason: "\(sentence)"]) }
    }

    private static func complaint(_ error: TLSError, _ settings: ServerConfiguration.TLS) -> ConfigurationError {
        let name = error.file == .certificate ? settings.certificateName : settings.keyName
        return ConfigurationError(name, error.description)
    }

    private static var replyToPlainHTTP: [UInt8] {
        let rejection = HTTPRejection(status: 400, sentence: "this port speaks HTTPS; ask it with https:// or wss://")
        let reply = Problem(rejection).reply
        var bytes: [UInt8] = []
        reply.body.withUnsafeBytes { body in
            HTTPResponse.append(
                status: reply.status,
                headers: reply.headers,
                body: ByteView(body),
                keepAlive: false,
                omitBody: false,
                into: &bytes
            )
        }
        return bytes
    }
}
