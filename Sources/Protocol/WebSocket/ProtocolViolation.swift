/// What a peer did against RFC 6455 or RFC 7692, or beyond a limit: the connection must be failed with `code`.
public struct ProtocolViolation: Error, Hashable, Sendable {
    /// The code for the close frame: 1002, 1007 or 1009.
    public let code: CloseCode

    /// A sentence for the close frame's reason and the log; it holds nothing the peer sent.
    public let sentence: String

    /// The place in the standard that was broken, such as `RFC 6455 §5.1`.
    public let rfc: String

    /// A violation of the rule at `rfc`.
    public init(code: CloseCode, sentence: String, rfc: String) {
        self.code = code
        self.sentence = sentence
        self.rfc = rfc
    }

    static func protocolError(_ sentence: String, _ rfc: String) -> ProtocolViolation {
        ProtocolViolation(code: .protocolError, sentence: sentence, rfc: rfc)
    }

    static func tooBig(_ sentence: String) -> ProtocolViolation {
        ProtocolViolation(code: .tooBig, sentence: sentence, rfc: "RFC 6455 §7.4.1")
    }

    static let notUTF8 = ProtocolViolation(
        code: .invalidPayload,
        sentence: "text is not valid UTF-8",
        rfc: "RFC 6455 §8.1"
    )
}
