import ArgumentParser
import Foundation
import HubCore
import HubPersistence
import HubServer
import Logging
import Reactor

/// `apus serve`: runs the hub until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the hub.",
        discussion: "Every setting can also come from APUS_… variables or a JSON file; see docs/configuration.md."
    )

    @Option(help: "Address to listen on.")
    var host: String?
    @Option(help: "Port to listen on; 0 takes a free one.")
    var port: Int?
    @Option(help: "PEM file with the certificate and its issuers; the port then speaks TLS.")
    var tlsCertificate: String?
    @Option(help: "PEM file with the certificate's private key.")
    var tlsKey: String?
    @Option(help: "Folder of the database and the generated key.")
    var data: String?
    @Option(help: "Loops, each with a thread of its own; 0 takes one per core, at most 8.")
    var reactors: Int?
    @Flag(help: "Demo people and their log-in without a password; loopback only.")
    var demo = false
    @Flag(help: "A plain echo socket at /echo for conformance suites.")
    var echo = false
    @Option(help: ArgumentHelp("Lift all limits per second: on or off.", valueName: "on|off"))
    var rateLimits: String?
    @Option(help: "JSON file with settings.")
    var config: String?

    mutating func run() async throws {
        let (flags, file) = (flags, config)
        try await Failure.translating {
            let values = try SettingsResolver.resolve(
                flags: flags,
                environment: ProcessInfo.processInfo.environment,
                file: file
            )
            try await HubProcess(try ServerConfiguration(values)).run()
        }
    }

    private var flags: [String: SettingValue] {
        var flags: [String: SettingValue] = [:]
        flags["host"] = host.map(SettingValue.text)
        flags["port"] = port.map(SettingValue.number)
        flags["tls.certificate"] = tlsCertificate.map(SettingValue.text)
        flags["tls.key"] = tlsKey.map(SettingValue.text)
        flags["data"] = data.map(SettingValue.text)
        flags["reactors"] = reactors.map(SettingValue.number)
        flags["rate_limits"] = rateLimits.map(SettingValue.text)
        if demo { flags["demo"] = .flag(true) }
        if echo { flags["echo"] = .flag(true) }
        return flags
    }
}
