import HubCore
import HubProtocol

/// The body of `POST /api/v1/revocations`: one of `user`, `session` and `jti`; others are ignored.
enum PostedRevocation {
    private static let names = ["user", "session", "jti"]

    /// Errors: `bad_request` with the member at fault.
    static func read(_ body: [UInt8]) throws(ErrorReply) -> Shard.RevocationWish {
        let result: Result<Shard.RevocationWish, ErrorReply> = body.withUnsafeBytes { bytes in
            do throws(ErrorReply) {
                return .success(try wish(ByteView(bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The member that a wish came in.
    static func member(of wish: Shard.RevocationWish) -> (name: String, value: String) {
        switch wish {
        case .user(let user): ("user", user)
        case .session(let session): ("session", session)
        case .tokenID(let id): ("jti", id)
        }
    }

    private static func wish(_ body: ByteView) throws(ErrorReply) -> Shard.RevocationWish {
        let object: JSONObject
        do throws(JSONFault) {
            object = try JSONObject(body)
        } catch {
            throw ErrorReply(.badRequest, error.sentence)
        }
        let given = names.filter { object[$0] != nil }
        guard let name = given.first else {
            throw ErrorReply(.badRequest, "one of user, session and jti is to be given", field: "user")
        }
        guard given.count == 1 else {
            throw ErrorReply(.badRequest, "user, session and jti exclude each other", field: given[1])
        }
        guard let value = object.string(name) else {
            throw ErrorReply(.badRequest, "\(name) is to be a string", field: name)
        }
        switch name {
        case "user":
            try check(value, name, 128)
            return .user(value)
        case "jti":
            try check(value, name, 256)
            return .tokenID(value)
        default:
            let isSession =
                value.utf8.count == 32
                && value.utf8.allSatisfy { byte in
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                }
            guard isSession else {
                throw ErrorReply(.badRequest, "session is to be what hello answered: 32 digits of 0-9 a-f", field: name)
            }
            return .session(value)
        }
    }

    /// As the claim of the same name has to be, or nobody's could be meant.
    private static func check(_ value: String, _ name: String, _ most: Int) throws(ErrorReply) {
        guard ClaimText.isPlain(value, 1...most) else {
            throw ErrorReply(.badRequest, "\(name) has 1 to \(most) bytes without control characters", field: name)
        }
    }
}
