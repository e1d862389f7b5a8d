import Foundation
import Logging
import Reactor
import Synchronization
import Testing

@testable import HubServer

@Suite("Certificate of the hub")
struct ServerCertificateTests {
    private func settings(_ folder: TemporaryFolder) -> ServerConfiguration.TLS {
        ServerConfiguration.TLS(
            certificate: folder.path("certificate.pem"),
            key: folder.path("key.pem"),
            minimumVersion: "1.3",
            plain: nil,
            certificateName: "APUS_TLS_CERTIFICATE",
            keyName: "--tls-key"
        )
    }

    private func write(_ pair: TestPair, in folder: TemporaryFolder, mode: Int = 0o600) throws {
        _ = try folder.write("certificate.pem", pair.certificate)
        _ = try folder.write("key.pem", pair.key, mode: mode)
    }

    /// A logger, and the lines that it has written.
    private final class Recorder: Sendable {
        private let written = Mutex<[String]>([])

        var lines: [String] { written.withLock { $0 } }

        var logger: Logger {
            Logger(label: "test") { label in
                StandardErrorLogHandler(label: label, level: .trace, format: .text) { [self] line in
                    written.withLock { $0.append(line) }
                }
            }
        }
    }

    @Test("what is wrong with a file is told by the name of its setting, as the operator wrote it")
    func names() throws {
        try TemporaryFolder.with { folder in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let missing = try #require(throws: ConfigurationError.self) {
                try ServerCertificate(settings(folder), logger: logger)
            }
            #expect(missing.name == "APUS_TLS_CERTIFICATE")
            #expect(
                missing.sentence
                    == "\(folder.path("certificate.pem")) cannot be read: No such file or directory (errno 2)"
            )
            try write(TestPair(), in: folder)
            _ = try folder.write("key.pem", TestPair().key)
            let mixed = try #require(throws: ConfigurationError.self) {
                try ServerCertificate(settings(folder), logger: logger)
            }
            #expect(mixed.name == "--tls-key")
        }
    }

    @Test("a reload takes a good pair, refuses a bad one, counts both, and the log says which")
    func reload() throws {
        try TemporaryFolder.with { folder in
            let recorder = Recorder()
            try write(TestPair(daysLeft: 40), in: folder)
            let certificate = try ServerCertificate(settings(folder), logger: recorder.logger)
            #expect(recorder.lines.isEmpty)
            let former = certificate.expiry
            try write(TestPair(daysLeft: 80), in: folder)
            certificate.reload()
            #expect(certificate.expiry - former > 39 * 86_400)
            #expect(certificate.reloads == .init(done: 1, failed: 0))
            #expect(recorder.lines.count == 1)
            #expect(recorder.lines[0].contains(" notice test: new connections get the certificate read just now "))
            #expect(recorder.lines[0].contains("expires=\(certificate.expiryText)"))

            _ = try folder.write("key.pem", [1, 2, 3])
            certificate.reload()
            #expect(certificate.expiry - former > 39 * 86_400)
            #expect(certificate.reloads == .init(done: 1, failed: 1))
            #expect(
                recorder.lines[1].contains(" error test: the certificate was not taken; the former one stays in use ")
            )
            #expect(recorder.lines[1].contains("--tls-key: \(folder.path("key.pem")) holds no private key in PEM"))
        }
    }

    @Test("a key that others may read and an end that is near are warned of")
    func warnings() throws {
        try TemporaryFolder.with { folder in
            let recorder = Recorder()
            try write(TestPair(daysLeft: 3), in: folder, mode: 0o644)
            let certificate = try ServerCertificate(settings(folder), logger: recorder.logger)
            let key = folder.path("key.pem")
            #expect(
                certificate.warnings == [
                    "\(key) can be read by others or changed by its group: chmod 600 \(key)",
                    "the certificate in \(folder.path("certificate.pem")) ends in 3 days, on \(certificate.expiryText)",
                ]
            )
            #expect(recorder.lines.count == 2)
            #expect(recorder.lines.allSatisfy { $0.contains(" warning test: TLS needs a look reason=") })
        }
    }

    @Test("with TLS the server has an https address, and a plain one where that is asked for")
    func addresses() async throws {
        try await TemporaryFolder.with { folder in
            try write(TestPair(), in: folder)
            let flags: [String: SettingValue] = [
                "tls.certificate": .text(folder.path("certificate.pem")), "tls.key": .text(folder.path("key.pem")),
                "tls.plain_address": .text("127.0.0.1:0"),
            ]
            try await TestServer.with(flags) { hub in
                #expect(hub.server.url == "https://127.0.0.1:\(hub.port)")
                let plain = try #require(hub.server.plainAddress)
                #expect(plain.port != hub.server.address.port)
                let socket = try RawSocket(port: Int(plain.port))
                socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await socket.reply().status == 200)
                // On the other port that is a mistake, and it is told so.
                let lost = try RawSocket(port: hub.port)
                lost.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await lost.reply()
                #expect(answer.status == 400)
                #expect(answer.body.contains("this port speaks HTTPS"))
            }
        }
    }
}
