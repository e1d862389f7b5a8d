import ArgumentParser
import Glibc

/// Which server, how it is spoken to, and who the load is.
struct Target: ParsableArguments {
    @Option(help: "The server's port on 127.0.0.1.")
    var port: UInt16

    @Option(help: "A process of the server, whose CPU and memory are read; may be given several times.")
    var pid: [Int32]

    @Option(help: "How the server is spoken to: \(Dialect.allCases.map(\.rawValue).joined(separator: ", ")).")
    var dialect = Dialect.apus

    @Option(help: "A file with a token a line, one for each connection; only the hub asks for tokens.")
    var tokens: String?

    var server: ServerProcess { ServerProcess(ids: pid) }

    /// Empty texts where the server asks for none.
    func tokens(count: Int) throws -> [String] {
        guard dialect == .apus else { return Array(repeating: "", count: count) }
        guard let tokens, let file = fopen(tokens, "r") else { throw LoadError("the hub needs a file of tokens") }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let read = fread(&buffer, 1, buffer.count, file), read > 0 { text += buffer[0..<read] }
        let lines = text.split(separator: UInt8(ascii: "\n")).prefix(count).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == count else { throw LoadError("\(tokens) has \(lines.count) tokens, not \(count)") }
        return lines
    }
}
