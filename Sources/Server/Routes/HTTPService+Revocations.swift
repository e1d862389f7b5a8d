import HubCore
import HubProtocol

/// `POST /api/v1/revocations`: an admin takes a person's, a session's or a token's access away.
extension HTTPService {
    func revoke(_ request: HTTPRequest, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            do throws(ErrorReply) {
                // Before the body: nobody else learns what would be a good one.
                if let refusal = Shard.refusalToRevoke(principal) { throw refusal }
                let wish = try PostedRevocation.read(request.body)
                shard.revoke(principal, wish) { reply(HTTPService.revoked($0, wish)) }
            } catch {
                reply(Problem(error).reply)
            }
        }
    }

    private static func revoked(_ result: Result<Revocation, ErrorReply>, _ wish: Shard.RevocationWish) -> HTTPReply {
        switch result {
        case .failure(let error): return Problem(error).reply
        case .success(let revocation):
            let (name, value) = PostedRevocation.member(of: wish)
            var body = [UInt8]("{\"\(name)\":".utf8)
            JSONText.appendString(value, into: &body)
            body.append(contentsOf: ",\"at\":\(revocation.at)".utf8)
            if let until = revocation.until { body.append(contentsOf: ",\"until\":\(until)".utf8) }
            body.append(UInt8(ascii: "}"))
            return .json(body, status: 201)
        }
    }
}
