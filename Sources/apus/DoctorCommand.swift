import ArgumentParser
import Foundation
import HubPersistence
import HubServer
import Reactor

/// `apus doctor`: looks at everything a hub needs and says what is wrong and what to do. Changes nothing and may run
/// beside a hub.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check settings, keys, database and system.",
        discussion: "Reads only; exit status 1 where something is wrong."
    )

    @Option(help: "Data folder of the hub.")
    var data: String?
    @Option(help: "JSON file with settings.")
    var config: String?

    mutating func run() async throws {
        var flags: [String: SettingValue] = [:]
        flags["data"] = data.map(SettingValue.text)
        let (given, file) = (flags, config)
        try await Failure.translating {
            let values = try SettingsResolver.resolve(
                flags: given,
                environment: ProcessInfo.processInfo.environment,
                file: file
            )
            let report = await DoctorReport.examine(try ServerConfiguration(values))
            for line in report.lines { Console.say(line) }
            guard report.isHealthy else {
                throw Failure(sentence: "\(report.failures) of \(report.lines.count) checks failed", status: 1)
            }
        }
    }
}
