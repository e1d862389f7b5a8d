import HubCore
import HubProtocol

extension HTTPService {
    /// `GET /api/v1/providers`: how the AI providers are doing, for staff.
    func providers(_ request: HTTPRequest, reply: @escaping (HTTPReply) -> Void) {
        authenticated(request, reply) { [self] principal in
            guard !principal.roles.isDisjoint(with: [.operator, .moderator, .admin, .developer]) else {
                return reply(Problem(ErrorReply(.forbidden, "this is for staff")).reply)
            }
            reply(.json(ProviderFigures.json(site.providerFigures())))
        }
    }
}
