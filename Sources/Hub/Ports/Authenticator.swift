/// Turns a credential into a person. Fulfilled outside the hub (module HubServer, with a JWT library).
public protocol Authenticator: Sendable {
    /// Verifies signature, algorithm, expiry and claims of a JWT.
    ///
    /// Isolation: any thread; may suspend. Errors: a sentence that says what is wrong with the token and never
    /// repeats any part of it.
    func authenticate(token: String) async throws(AuthenticationFailure) -> Principal
}

/// Why a credential was refused. The sentence goes to the peer, so it holds nothing of the credential.
public struct AuthenticationFailure: Error, Sendable {
    /// For the peer's developer: "the token has expired".
    public let sentence: String

    /// A failure with its sentence.
    public init(_ sentence: String) {
        self.sentence = sentence
    }
}
