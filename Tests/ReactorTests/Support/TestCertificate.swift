import CTLSPeer
import Foundation
import Reactor

/// A certificate and its key in a folder of their own, made for the test, gone with it.
final class TestCertificate {
    struct NotMade: Error {}

    let folder: URL

    var certificate: String { folder.appending(path: "certificate.pem").path }
    var key: String { folder.appending(path: "key.pem").path }

    init(serial: Int64 = 1, from: Int = -3600, to: Int = 30 * 86_400, passphrase: String? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try replace(serial: serial, from: from, to: to, passphrase: passphrase)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Another pair in the same files.
    func replace(serial: Int64, from: Int = -3600, to: Int = 30 * 86_400, passphrase: String? = nil) throws {
        var certificateText = [CChar](repeating: 0, count: 4096)
        var keyText = certificateText
        let worked = certificateText.withUnsafeMutableBufferPointer { certificate in
            keyText.withUnsafeMutableBufferPointer { key in
                apus_make_certificate(serial, from, to, passphrase, certificate.baseAddress, key.baseAddress, 4096)
            }
        }
        guard worked == 1 else { throw NotMade() }
        for (path, text) in zip([certificate, key], [certificateText, keyText]) {
            try Data(text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }

    var configuration: TLSConfiguration { TLSConfiguration(certificate: certificate, key: key) }

    func endpoint(_ change: (inout TLSConfiguration) -> Void = { _ in }) throws -> TLSEndpoint {
        var configuration = configuration
        change(&configuration)
        return try TLSEndpoint(configuration)
    }
}
