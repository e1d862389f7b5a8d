import ArgumentParser
import Foundation
import HubPersistence
import HubServer

/// `apus backup`: a consistent copy of the database, made beside a running hub or without one.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a checked copy of the database.",
        discussion: """
            The hub may run meanwhile. FILE must not exist; it appears whole and synced, or not at all. \
            To restore it see docs/durability.md.
            """
    )

    @Argument(help: "Where the copy goes.")
    var file: String
    @Option(help: "Data folder of the hub.")
    var data: String?
    @Option(help: "JSON file with settings.")
    var config: String?
    @Option(
        help: ArgumentHelp(
            "Give up where the running hub's write-ahead log, which the copy holds up, grows over so many MiB.",
            valueName: "MiB"
        )
    )
    var walLimit = Int(DatabaseCopy.logLimit >> 20)
    @Flag(help: "List the head of every room.")
    var heads = false

    mutating func run() async throws {
        guard (1...1 << 20).contains(walLimit) else {
            throw Failure(sentence: "--wal-limit: must be a number of MiB, 1 to \(1 << 20)", status: 2)
        }
        var flags: [String: SettingValue] = [:]
        flags["data"] = data.map(SettingValue.text)
        let (given, settings, file, heads, limit) = (flags, config, file, heads, Int64(walLimit) << 20)
        try await Failure.translating {
            let values = try SettingsResolver.resolve(
                flags: given,
                environment: ProcessInfo.processInfo.environment,
                file: settings
            )
            let database = "\(try ServerConfiguration(values).data)/apus.sqlite"
            SignalWatch.start { [file] signal in
                DatabaseCopy.discard(at: file)
                _exit(128 + signal)
            }
            let copy = try DatabaseCopy.make(of: database, at: file, logLimit: limit)
            Console.say("\(file): \(copy.bytes) bytes, \(copy.heads.count) rooms, \(copy.events) events; sound")
            guard heads else { return }
            for head in copy.heads { Console.say("\(head.tenant) \(head.room) \(head.head)") }
        }
    }
}
