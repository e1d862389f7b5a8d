import Foundation

/// The file that runs, wherever it was found: `argv[0]` is a bare name where PATH had it.
enum Executable {
    static var path: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? ProcessInfo.processInfo.arguments.first ?? ""
    }
}
