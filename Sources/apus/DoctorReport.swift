import Foundation
import Generation
import HubPersistence
import HubServer
import Logging
import Reactor

/// What `apus doctor` found, one line a check.
struct DoctorReport {
    private(set) var lines: [String] = []
    private(set) var failures = 0

    var isHealthy: Bool { failures == 0 }

    static func examine(_ configuration: ServerConfiguration) async -> DoctorReport {
        var report = DoctorReport()
        report.pass("settings", "are valid")
        report.checkDatabase(configuration.data)
        await report.checkKeys(configuration)
        report.checkCertificate(configuration)
        report.checkPages(configuration)
        report.checkProviders(configuration)
        report.pass("files", "a limit of \(OpenFileLimit.raise()) open files and sockets")
        return report
    }

    private mutating func checkDatabase(_ folder: String) {
        let path = "\(folder)/apus.sqlite"
        guard FileManager.default.fileExists(atPath: path) else {
            return pass("database", "there is none yet at \(path)")
        }
        do {
            let findings = try DatabaseCheck.run(path: path)
            guard !findings.isEmpty else { return pass("database", "\(path) is sound") }
            for finding in findings { fail("database", "\(finding.sentence); \(finding.advice)") }
        } catch {
            fail("database", error.sentence)
        }
    }

    private mutating func checkKeys(_ configuration: ServerConfiguration) async {
        var references = configuration.keys
        let own = "\(configuration.data)/\(KeyRing.fileName)"
        if references.isEmpty {
            guard FileManager.default.fileExists(atPath: own) else {
                return pass("key", "the first start makes \(own)")
            }
            references = [TokenKeyReference(id: TokenMint.keyID, algorithm: .hs256, path: own)]
        }
        for reference in references {
            do {
                let key = try await TokenKeyFile.load(reference)
                pass("key", "\(key.id) (\(key.algorithm.rawValue)) at \(reference.path) can be used")
            } catch {
                fail("key", error.description)
            }
        }
    }

    private mutating func checkCertificate(_ configuration: ServerConfiguration) {
        guard let settings = configuration.tls else { return pass("TLS", "is off; the hub speaks plain HTTP") }
        do throws(ConfigurationError) {
            let silent = Logger(label: "apus") { _ in SwiftLogNoOpLogHandler() }
            let certificate = try ServerCertificate(settings, logger: silent)
            pass("TLS", "\(settings.certificate) and its key can be used until \(certificate.expiryText)")
            for warning in certificate.warnings { care("TLS", warning) }
        } catch {
            fail("TLS", error.description)
        }
    }

    private mutating func checkPages(_ configuration: ServerConfiguration) {
        let found = WebRoot.find(
            setting: configuration.webRoot,
            executable: Executable.path,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
        guard let found, WebRoot(reading: found).count > 0 else {
            return fail("pages", "no folder with pages was found; set web.root")
        }
        pass("pages", "are at \(found)")
    }

    private mutating func checkProviders(_ configuration: ServerConfiguration) {
        do {
            guard let (file, _) = try AnsweringParts.read(configuration) else { return }
            pass("providers", "\(file.providers.count) of them and \(file.routes.count) routes are well-formed")
        } catch {
            fail("providers", "\(error)")
        }
    }

    private mutating func pass(_ subject: String, _ sentence: String) {
        lines.append("ok    \(subject): \(sentence)")
    }

    /// Not wrong, but to be seen to.
    private mutating func care(_ subject: String, _ sentence: String) {
        lines.append("care  \(subject): \(sentence)")
    }

    private mutating func fail(_ subject: String, _ sentence: String) {
        failures += 1
        lines.append("wrong \(subject): \(sentence)")
    }
}
