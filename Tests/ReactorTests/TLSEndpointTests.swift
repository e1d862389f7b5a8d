import Foundation
import Testing

@testable import Reactor

@Suite struct TLSEndpointTests {
    private func complaint(_ certificate: TestCertificate) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSEndpoint(certificate.configuration)
            return nil
        } catch {
            return error
        }
    }

    @Test("A file that is missing is named with the system's reason")
    func missing() throws {
        let certificate = try TestCertificate()
        for (path, file) in [(certificate.key, TLSError.File.key), (certificate.certificate, .certificate)] {
            try FileManager.default.removeItem(atPath: path)
            let error = try #require(complaint(certificate))
            #expect(error.file == file)
            #expect(error.description == "\(path) cannot be read: No such file or directory (errno 2)")
        }
    }

    @Test("A folder, a file without PEM, an empty one and a huge one are told apart")
    func otherFiles() throws {
        let certificate = try TestCertificate()
        let contents: [(String?, String)] = [
            (nil, "is not a plain file"), ("", "holds no certificate in PEM"), ("hello", "holds no certificate in PEM"),
            (String(repeating: "x", count: 2 << 20), "is too large for a PEM file"),
        ]
        for (text, sentence) in contents {
            try FileManager.default.removeItem(atPath: certificate.certificate)
            if let text {
                try Data(text.utf8).write(to: URL(filePath: certificate.certificate))
            } else {
                try FileManager.default.createDirectory(
                    atPath: certificate.certificate,
                    withIntermediateDirectories: false
                )
            }
            let error = try #require(complaint(certificate))
            #expect(error.file == .certificate)
            #expect(error.description.hasPrefix("\(certificate.certificate) \(sentence)"), "\(error)")
        }
    }

    @Test("A broken certificate behind the first is no reason to serve half a chain")
    func brokenChain() throws {
        let certificate = try TestCertificate()
        let whole = try String(contentsOfFile: certificate.certificate, encoding: .utf8)
        try Data((whole + whole).utf8).write(to: URL(filePath: certificate.certificate))
        #expect(complaint(certificate) == nil)
        let broken = whole + whole.replacingOccurrences(of: "MII", with: "???")
        try Data(broken.utf8).write(to: URL(filePath: certificate.certificate))
        #expect(
            try #require(complaint(certificate)).description.contains("holds a broken certificate behind the first")
        )
    }

    @Test("A key that is none, behind a passphrase, or of another certificate")
    func keys() throws {
        let certificate = try TestCertificate()
        try Data("hello".utf8).write(to: URL(filePath: certificate.key))
        #expect(
            try #require(complaint(certificate)).description.hasPrefix("\(certificate.key) holds no private key in PEM")
        )

        try certificate.replace(serial: 2, passphrase: "secret")
        let locked = try #require(complaint(certificate))
        #expect(locked.description == "\(certificate.key) is protected by a passphrase; a server's key must have none")

        let other = try TestCertificate()
        let mixed = TLSConfiguration(certificate: certificate.certificate, key: other.key)
        let error = #expect(throws: TLSError.self) { try TLSEndpoint(mixed) }
        #expect(error?.file == .key)
        #expect(error?.description == "\(other.key) is not the key of the certificate in \(certificate.certificate)")
    }

    @Test("A certificate counts only within its time")
    func time() throws {
        let expired = try #require(complaint(try TestCertificate(from: -86_400 * 30, to: -3600)))
        #expect(expired.file == .certificate)
        #expect(expired.description.contains("has expired, on 20"))
        let early = try #require(complaint(try TestCertificate(from: 3600, to: 86_400)))
        #expect(early.description.contains("is not valid before 20"))
        let endpoint = try TestCertificate(to: 86_400).endpoint()
        #expect(abs(Double(endpoint.certificateExpiry) - Date().timeIntervalSince1970 - 86_400) < 60)
    }

    @Test("A key that others may read, or the group may write, is too open; one that the group may read is not")
    func permissions() throws {
        let certificate = try TestCertificate()
        let endpoint = try certificate.endpoint()
        for (mode, isTooOpen) in [(0o600, false), (0o640, false), (0o644, true), (0o660, true), (0o604, true)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: certificate.key)
            #expect(endpoint.isKeyTooOpen == isTooOpen, "\(String(mode, radix: 8))")
        }
    }

    @Test(
        "After a reload new connections get the new certificate, and those that are open go on",
        arguments: BackendKind.allCases
    )
    func reload(_ backend: BackendKind) throws {
        let certificate = try TestCertificate(serial: 11)
        let endpoint = try certificate.endpoint()
        try withServer(backend, tls: endpoint) { _ in
            ScriptedHandler(EventLog()) { connection, bytes in connection.write(bytes) }
        } _: { server in
            let former = try TLSPeer.connected(to: server)
            try certificate.replace(serial: 22)
            try endpoint.reload()
            let next = try TLSPeer.connected(to: server)
            #expect(former.serial == 11)
            #expect(next.serial == 22)

            // A pair that cannot be used changes nothing.
            let other = try TestCertificate(serial: 33)
            try FileManager.default.removeItem(atPath: certificate.certificate)
            try FileManager.default.copyItem(atPath: other.certificate, toPath: certificate.certificate)
            #expect(throws: TLSError.self) { try endpoint.reload() }
            let third = try TLSPeer.connected(to: server)
            #expect(third.serial == 22)

            for peer in [former, next, third] {
                try peer.write("here")
                #expect(try peer.receiveText(4) == "here")
            }
        }
    }
}

@Suite struct TLSTicketKeysTests {
    private let begin = MonotonicInstant(nanoseconds: 1_000_000)
    private func later(_ hours: Int) -> MonotonicInstant { begin.advanced(by: .seconds(hours * 3600)) }

    private func opening(_ keys: TLSTicketKeys, _ key: TLSTicketKeys.Key, _ hours: Int) -> TLSTicketKeys.Found? {
        key.name.withUnsafeBufferPointer { keys.opening($0, at: later(hours)) }
    }

    @Test("A key seals for 12 hours, opens for 12 more, and is then gone")
    func rotation() {
        let keys = TLSTicketKeys(now: begin)
        let first = keys.sealing(at: begin)
        #expect(keys.sealing(at: later(11)) == first)
        #expect(opening(keys, first, 11) == .current(first))
        let second = keys.sealing(at: later(13))
        #expect(second != first)
        #expect(opening(keys, first, 13) == .former(first))
        #expect(opening(keys, second, 13) == .current(second))
        #expect(opening(keys, first, 26) == nil)
        #expect(opening(keys, second, 26) == .former(second))
    }

    @Test("After a day without tickets no old key opens any more")
    func silence() {
        let keys = TLSTicketKeys(now: begin)
        let first = keys.sealing(at: begin)
        #expect(opening(keys, first, 25) == nil)
    }
}
