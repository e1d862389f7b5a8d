import HubProtocol
import Logging
import Reactor

/// What an admin takes away, here and on every other loop.
extension Shard {
    /// What is to be revoked.
    public enum RevocationWish: Sendable, Equatable {
        /// All of a person's tokens and sockets.
        case user(String)
        /// One session: its socket and the tokens it came with.
        case session(String)
        /// The token with that `jti`, and its sockets.
        case tokenID(String)
    }

    /// Revokes for a request over HTTP, for admins: sockets are closed with 4403 at once, on all loops, and `reply` is
    /// called on this loop, once, when the revocation is on disk.
    public func revoke(
        _ principal: Principal,
        _ wish: RevocationWish,
        reply: @escaping (Result<Revocation, ErrorReply>) -> Void
    ) {
        if let refusal = Shard.refusalToRevoke(principal) {
            reply(.failure(refusal))
            return
        }
        if case .unavailable = store.condition {
            reply(.failure(.storeUnavailable))
            return
        }
        let revocations = revocations(of: wish, in: principal.tenant)
        let said = revocations[0]
        let target = call { outcome in
            switch outcome {
            case .revoked: reply(.success(said))
            case .refused(let error): reply(.failure(error))
            default: break
            }
        }
        guard hub.revocations.add(revocations, at: said.at, reply: target) else {
            let most = configuration.revocations
            refuse(target, ErrorReply(.tooLarge, "a tenant has at most \(most) revocations at a time"))
            return
        }
        metrics.revocations += 1
        logger.notice("revoked", metadata: ["tenant": "\(said.tenant.id)", "by": "\(principal.user)"])
        writes.append(contentsOf: revocations.map(StoreWrite.revocation))
        for (index, inbox) in hub.inboxes.enumerated() where index != loop.index { inbox.post(.revoked(said)) }
        close(revokedBy: said)
    }

    /// Why somebody may not revoke; nil for an admin.
    public static func refusalToRevoke(_ principal: Principal) -> ErrorReply? {
        principal.roles.contains(.admin) ? nil : ErrorReply(.forbidden, "only an admin may revoke")
    }

    private func revocations(of wish: RevocationWish, in tenant: Tenant) -> [Revocation] {
        let now = loop.wallMilliseconds
        let until = configuration.longestTokenLife.map { now + Int64($0.milliseconds) }
        func made(_ subject: Revocation.Subject, _ until: Int64?) -> Revocation {
            Revocation(tenant: tenant, subject: subject, at: now, until: until)
        }
        switch wish {
        case .user(let user): return [made(.user(user), until)]
        case .tokenID(let id): return [made(.tokenID(id), until)]
        case .session(let session):
            // A session ends with its connection, and nobody can take its place after its tokens have ended.
            let tokens = hub.sessions.tokens(of: session, in: tenant).map { Revocation.token(of: $0, at: now) }
            let end = tokens.compactMap(\.until).max() ?? until
            return [made(.session(session), end)] + tokens
        }
    }

    /// Closes everybody here whom it concerns.
    func close(revokedBy revocation: Revocation) {
        for client in Array(clients.values) {
            guard let principal = client.principal, principal.tenant == revocation.tenant else { continue }
            let isMeant: Bool
            if case .session(let session) = revocation.subject {
                isMeant = client.sessionID?.text == session
            } else {
                isMeant = revocation.refuses(principal)
            }
            if isMeant { client.close(.forbidden, "revoked") }
        }
    }

    /// A credential that has been verified, unless it was revoked: asked here, on the loop, so that none comes in between
    /// a revocation and the closing of sockets.
    func unrevoked(_ result: Result<Principal, AuthenticationFailure>) -> Result<Principal, AuthenticationFailure> {
        guard case .success(let principal) = result, hub.revocations.refuses(principal) else { return result }
        metrics.revokedRefusals += 1
        return .failure(.revoked)
    }
}
