import Foundation

/// The stand-in provider of Tests/Providers as a process, one for all tests. It ends with this process: its standard input closes.
struct StandIn {
    static let shared = StandIn()

    let address: String
    private let process = Process()
    private let lifeline = Pipe()

    private init() {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", tests.appending(path: "Providers/server.py").path]
        process.standardInput = lifeline
        process.standardOutput = output
        do { try process.run() } catch { fatalError("python3 is needed: \(error)") }
        var line = ""
        while !line.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { fatalError("the stand-in provider did not start") }
            line += String(decoding: more, as: UTF8.self)
        }
        address = line.replacing("listening on ", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The base address of a dialect with a script.
    func base(_ dialect: String, _ script: String) -> String {
        "\(address)/\(dialect)/\(script)"
    }

    /// How the requests of a base ended, once that many have.
    func ended(_ dialect: String, _ script: String, count: Int = 1, on upstream: TestUpstream) async throws -> [Seen] {
        try await asked("ended", "/\(dialect)/\(script)", "&count=\(count)", on: upstream)
    }

    /// The requests of a base, once so many tokens have gone out.
    func sent(_ dialect: String, _ script: String, tokens: Int, on upstream: TestUpstream) async throws -> [Seen] {
        try await asked("sent", "/\(dialect)/\(script)", "&count=\(tokens)", on: upstream)
    }

    /// Lets go of what hangs under a base.
    func release(_ dialect: String, _ script: String, on upstream: TestUpstream) async throws {
        _ = try await asked("release", "/\(dialect)/\(script)", "", on: upstream)
    }

    private func asked(_ what: String, _ base: String, _ more: String, on upstream: TestUpstream) async throws -> [Seen]
    {
        let escaped = base.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let response = await upstream.fetch("GET", "\(address)/\(what)?base=\(escaped)\(more)")
        return try JSONDecoder().decode([Seen].self, from: Data(response.body))
    }

    /// A request as the stand-in saw it.
    struct Seen: Decodable {
        let path: String
        let headers: [String: String]
        let body: Body?
        let tokens: Int
        let end: String?

        struct Body: Decodable {
            let messages: [Message]?
        }

        struct Message: Decodable {
            let role: String
            let content: String
        }
    }
}
