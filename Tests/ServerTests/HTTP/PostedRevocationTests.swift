import HubCore
import HubProtocol
import Testing

@testable import HubServer

@Suite("The body of a revocation")
struct PostedRevocationTests {
    private func read(_ body: String) throws(ErrorReply) -> Shard.RevocationWish {
        try PostedRevocation.read([UInt8](body.utf8))
    }

    @Test("one of three members says what")
    func wishes() throws {
        let session = String(repeating: "0f", count: 16)
        #expect(try read(#"{"user":"u7"}"#) == .user("u7"))
        #expect(try read(#"{"jti":"\u0441","note":1}"#) == .tokenID("с"))
        #expect(try read(#"{"session":"\#(session)"}"#) == .session(session))
        for wish in [Shard.RevocationWish.user("u7"), .tokenID("j"), .session(session)] {
            let (name, value) = PostedRevocation.member(of: wish)
            #expect(try read(#"{"\#(name)":"\#(value)"}"#) == wish)
        }
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("", nil), ("[]", nil), ("{", nil), (#"{"user":"a","user":"b"}"#, nil), ("{}", "user"),
            (#"{"user":"a","jti":"b"}"#, "jti"), (#"{"session":"a","jti":"b"}"#, "jti"), (#"{"user":1}"#, "user"),
            (#"{"user":""}"#, "user"), (#"{"user":"a\nb"}"#, "user"), (#"{"jti":null}"#, "jti"),
            (#"{"jti":""}"#, "jti"), (#"{"session":"x"}"#, "session"),
            (#"{"session":"0123456789ABCDEF0123456789ABCDEF"}"#, "session"),
        ] as [(String, String?)]
    )
    func faults(_ body: String, _ field: String?) {
        let error = #expect(throws: ErrorReply.self) { try read(body) }
        #expect(error?.code == .badRequest)
        #expect(error?.field == field)
    }

    @Test("names are as long as the claims they mean", arguments: [("user", 128), ("jti", 256)])
    func lengths(_ name: String, _ most: Int) throws {
        _ = try read(#"{"\#(name)":"\#(String(repeating: "x", count: most))"}"#)
        #expect(throws: ErrorReply.self) { try read(#"{"\#(name)":"\#(String(repeating: "x", count: most + 1))"}"#) }
    }
}
