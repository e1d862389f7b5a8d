import ArgumentParser
import Glibc

/// The load generator of `scripts/bench`: one thread, one epoll loop, loopback only.
@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-load",
        abstract: "Puts a running hub under load and prints one line of JSON.",
        subcommands: [FanOut.self, Idle.self]
    )
}

/// Which hub, and who the load is.
struct Target: ParsableArguments {
    @Option(help: "The hub's port on 127.0.0.1.")
    var port: UInt16

    @Option(help: "The hub's process, whose CPU and memory are read.")
    var pid: Int32

    @Option(help: "A file with a token a line, one for each connection.")
    var tokens: String

    func tokens(count: Int) throws -> [String] {
        guard let file = fopen(tokens, "r") else { throw LoadError("\(tokens) cannot be read") }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let read = fread(&buffer, 1, buffer.count, file), read > 0 { text += buffer[0..<read] }
        let lines = text.split(separator: UInt8(ascii: "\n")).prefix(count).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == count else { throw LoadError("\(tokens) has \(lines.count) tokens, not \(count)") }
        return lines
    }
}

/// One line of JSON with the figures, in their order.
enum Report {
    enum Value {
        case text(String)
        case number(Double)
    }

    static func write(_ members: [(String, Value)]) {
        let body = members.map { name, value in
            switch value {
            case .text(let text): "\"\(name)\":\"\(text)\""
            case .number(let number): "\"\(name)\":\(round(number * 10_000) / 10_000)"
            }
        }
        print("{\(body.joined(separator: ","))}")
    }
}
