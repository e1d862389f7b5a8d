/// Why a request is refused: the answer's status and a sentence that names what is wrong.
public struct HTTPRejection: Error, Sendable {
    /// The status of the answer, 400…599.
    public let status: Int

    /// A sentence for the answer's body and the log; it holds nothing the peer sent.
    public let sentence: String

    /// Header fields the status calls for, such as `Allow`.
    public let headers: [(String, String)]

    /// A refusal with that status.
    public init(status: Int, sentence: String, headers: [(String, String)] = []) {
        self.status = status
        self.sentence = sentence
        self.headers = headers
    }

    static func badRequest(_ sentence: String) -> HTTPRejection {
        HTTPRejection(status: 400, sentence: sentence)
    }
}
