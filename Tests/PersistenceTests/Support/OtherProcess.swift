import Foundation

/// A Python process that does something to the data folder and holds on until it is told to end.
final class OtherProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Runs the script and returns when it has printed a line.
    init(_ script: String, _ arguments: String...) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", "-c", script + "\nprint('ready', flush=True)\nimport sys; sys.stdin.read()"] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        _ = output.fileHandleForReading.availableData
    }

    var identifier: Int32 { process.processIdentifier }

    /// Lets it end and waits for that.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
