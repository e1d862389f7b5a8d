import Foundation
import HubProtocol
import Reactor

extension HTTPService {
    /// The demo's people and their log-in. Only for requests that were addressed to this machine by a name of its
    /// own: a foreign page that had its name point at 127.0.0.1 gets nothing.
    func demo(_ request: HTTPRequest, _ endpoint: Router.Endpoint, reply: @escaping (HTTPReply) -> Void) {
        guard DemoHost.isLoopback(request.head.headers[first: "Host"] ?? "") else {
            return reply(Problem(status: 403, code: "forbidden", detail: "the demo is for this machine only").reply)
        }
        guard endpoint == .demoLogin else { return reply(.json(DemoPeople.list())) }
        guard let wanted = try? JSONDecoder().decode(DemoLogin.self, from: Data(request.body)) else {
            var problem = Problem(status: 400, code: "bad_request", detail: #"the body must be {"user":"…"}"#)
            problem.field = "user"
            return reply(problem.reply)
        }
        guard let person = DemoPeople.person(wanted.user), let mint = site.mint else {
            return reply(Problem(status: 404, code: "not_found", detail: "there is no such demo person").reply)
        }
        let now = Double(loop.wallMilliseconds) / 1000
        elsewhere(reply) {
            await DemoPeople.login(person, mint: mint, now: now)
        }
    }
}

private struct DemoLogin: Decodable {
    let user: String
}

extension DemoPeople {
    fileprivate static func login(_ person: Person, mint: TokenMint, now: Double) async -> HTTPReply {
        do {
            let claims = try MintedClaims(
                user: person.user,
                name: person.name,
                roles: person.roles,
                rooms: person.rooms,
                now: now,
                lifetime: lifetime
            )
            var body = [UInt8](#"{"token":"#.utf8)
            JSONText.appendString(try await mint.token(for: claims), into: &body)
            body.append(UInt8(ascii: "}"))
            return .json(body)
        } catch {
            return Problem(status: 500, code: "internal", detail: "the token could not be made").reply
        }
    }
}
