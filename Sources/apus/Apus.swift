import ArgumentParser
import Foundation
import HubServer

/// The command line of the hub.
@main
struct Apus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "A realtime WebSocket hub: one binary, one SQLite file.",
        version: Release.version,
        subcommands: [
            ServeCommand.self, TokenCommand.self, DoctorCommand.self, BackupCommand.self, TailCommand.self,
            HealthCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Console.complain(failure.sentence)
            Foundation.exit(failure.status)
        } catch {
            // Help and version go to stdout and are no failure; everything else is a wrong flag.
            let message = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                Console.say(message)
                return
            }
            Console.complain(message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message)
            Foundation.exit(2)
        }
    }
}
