import HubProtocol
import Reactor

extension Client {
    /// Renews the token of a live connection.
    func auth(_ id: Int64, _ token: ByteView) {
        guard rare?.authCommand == nil else {
            refuse(id, ErrorReply(.busy, "an earlier auth is still being looked at", retryAfter: 100))
            return
        }
        rareState().authCommand = id
        pendingReplies += 1
        shard.verify(token.string(), for: connection.id)
    }

    func finishAuth(_ id: Int64, _ result: Result<Principal, AuthenticationFailure>) {
        pendingReplies -= 1
        dropIdleState()
        guard phase == .ready, let before = principal else { return }
        switch result {
        case .failure(let failure):
            refuse(id, ErrorReply(.unauthorized, failure.sentence, field: "token"))
        case .success(let renewed) where renewed.user != before.user || renewed.tenant != before.tenant:
            refuse(id, ErrorReply(.forbidden, "the token is another person's", field: "token"))
        case .success(let renewed):
            principal = renewed
            if let sessionID { shard.hub.sessions.renew(sessionID, by: connection.id, to: renewed) }
            cancelDeadline()
            armExpiry()
            var line: [UInt8] = []
            Reply.auth(id: id, expires: renewed.expires, roles: renewed.roles.names, into: &line)
            send(line)
            // A right that the new token no longer gives ends at once.
            for subscription in subscriptions where !Permissions.allows(renewed, .read, in: subscription.room) {
                expel(from: subscription, principal: renewed)
            }
            if renewed.name != before.name || renewed.roles != before.roles { showRenewed(renewed) }
        }
    }

    /// Rooms show people as their tokens name them.
    private func showRenewed(_ renewed: Principal) {
        for subscription in subscriptions {
            let key = RoomKey(tenant: renewed.tenant, name: subscription.room)
            shard.ask(key, home: subscription.home, .renew(connection.id, renewed))
        }
    }
}
