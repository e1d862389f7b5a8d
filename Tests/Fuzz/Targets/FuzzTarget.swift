/// What can be fuzzed. A target runs one input through a part of HubProtocol in several ways and throws where they differ
/// or where a promise of that part does not hold.
///
/// The same functions run in two places: under libFuzzer (`scripts/fuzz`), and over the committed corpus in the unit tests.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Frames from a client: `SessionFuzz`.
    case session
    /// Request heads and bodies: `HTTPFuzz`.
    case http
    /// Opening handshakes and what they offer: `HandshakeFuzz`.
    case handshake
    /// Compressing and inflating: `DeflateFuzz`.
    case deflate
    /// Scanning, unescaping and writing JSON: `JSONFuzz`.
    case json
    /// Commands, and events posted over HTTP: `CommandFuzz`.
    case command

    func run(_ input: [UInt8]) throws(BrokenPromise) {
        switch self {
        case .session: try SessionFuzz.run(input)
        case .http: try HTTPFuzz.run(input)
        case .handshake: try HandshakeFuzz.run(input)
        case .deflate: try DeflateFuzz.run(input)
        case .json: try JSONFuzz.run(input)
        case .command: try CommandFuzz.run(input)
        }
    }
}

/// What an input showed to be untrue.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String
}

func hold(_ isTrue: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
    guard isTrue else { throw BrokenPromise(description: promise()) }
}
