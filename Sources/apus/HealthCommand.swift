import ArgumentParser
import Foundation
import HubServer

/// `apus health`: asks the hub of these settings how it is, for supervisors that have no other client at hand.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a running hub whether it serves.",
        discussion: "Finds the hub by the settings of serve. Exit status 0 where it answers so, 1 where not."
    )

    @Option(help: "Address of the hub.")
    var host: String?
    @Option(help: "Port of the hub.")
    var port: Int?
    @Option(help: "JSON file with settings.")
    var config: String?
    @Flag(help: "Ask whether sends are accepted, too (/readyz instead of /healthz).")
    var ready = false
    @Option(help: "Seconds to wait for the answer.")
    var timeout = 5

    mutating func run() async throws {
        guard 1...3600 ~= timeout else { throw Failure(sentence: "--timeout: must be 1 to 3600", status: 2) }
        var flags: [String: SettingValue] = [:]
        flags["host"] = host.map(SettingValue.text)
        flags["port"] = port.map(SettingValue.number)
        let (given, file, path, patience) = (flags, config, ready ? "/readyz" : "/healthz", timeout)
        try await Failure.translating {
            let values = try SettingsResolver.resolve(
                flags: given,
                environment: ProcessInfo.processInfo.environment,
                file: file
            )
            let configuration = try ServerConfiguration(values)
            let place = try configuration.plainPlace
            let address = try HubAddress.local(host: place.host, port: place.port)
            let answer = try HealthAnswer.ask(address, path: path, seconds: patience)
            Console.say(answer.body)
            guard answer.isGood else { throw Failure(sentence: "\(path) answered \(answer.status)", status: 1) }
        }
    }
}

extension ServerConfiguration {
    /// Where the hub speaks plain HTTP; the command speaks no TLS.
    fileprivate var plainPlace: (host: String, port: Int) {
        get throws {
            guard let tls else { return (host, port) }
            guard let plain = tls.plain else {
                throw Failure(sentence: "tls.plain_address: is needed to ask a hub that speaks TLS", status: 2)
            }
            return (plain.host, plain.port)
        }
    }
}

extension HubAddress {
    /// How a hub that listens on `host` is reached from its own machine.
    fileprivate static func local(host: String, port: Int) throws -> HubAddress {
        guard port > 0 else { throw Failure(sentence: "port: must be known to ask", status: 2) }
        let reachable = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
        let text = reachable.contains(":") ? "http://[\(reachable)]:\(port)" : "http://\(reachable):\(port)"
        guard let address = HubAddress(text) else {
            throw Failure(sentence: "host: \(host) cannot be asked", status: 2)
        }
        return address
    }
}
