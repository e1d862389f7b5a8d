import HubCore
import Synchronization

/// Reads claims from a token that says them: `user=u7 roles=user,helper rooms=ticket:* tenant=t1 ttl=60000 name=Anna`.
/// A token `held` among the words waits until the test lets it go; `bad` is refused.
final class TestAuthenticator: Authenticator {
    private struct Gate {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let gate = Mutex(Gate())

    func authenticate(token: String) async throws(AuthenticationFailure) -> Principal {
        var claims: [String: String] = [:]
        for word in token.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            claims[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        if claims["held"] != nil { await pass() }
        guard claims["bad"] == nil, let user = claims["user"] else {
            throw AuthenticationFailure("the token is not signed by a known key")
        }
        let roles = (claims["roles"] ?? "user").split(separator: ",").compactMap { Roles(name: String($0)) }
        let ttl = claims["ttl"].flatMap(Int64.init) ?? 3_600_000
        return Principal(
            tenant: claims["tenant"].map(Tenant.init) ?? .default,
            user: user,
            name: claims["name"] ?? user,
            roles: roles.reduce(into: []) { $0.formUnion($1) },
            rooms: (claims["rooms"] ?? "ticket:*").split(separator: ",").map(String.init),
            expires: WallClock.milliseconds + ttl,
            tokenID: claims["jti"],
            issued: claims["iat"].flatMap(Int64.init)
        )
    }

    /// Lets held tokens go, now and from now on.
    func open() {
        let waiting = gate.withLock { gate in
            gate.isOpen = true
            return gate.waiting
        }
        waiting.forEach { $0.resume() }
    }

    private func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = gate.withLock { gate in
                if !gate.isOpen { gate.waiting.append(continuation) }
                return gate.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
