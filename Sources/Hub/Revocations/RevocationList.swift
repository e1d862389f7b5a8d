import Synchronization

/// Every revocation that stands, over all loops, and the calls that wait for one to be on disk.
///
/// Asked for each credential; while there is none that is one atomic read. What may be forgotten goes when the list is
/// added to. Isolation: any thread; one short lock.
final class RevocationList: Sendable {
    private struct Key: Hashable {
        var tenant: Tenant
        var subject: Revocation.Subject
    }

    private struct State {
        var standing: [Key: Revocation] = [:]
        var perTenant: [Tenant: Int] = [:]
        var waiting: [Revocation: [ReplyTarget]] = [:]
    }

    private let state: Mutex<State>
    private let isEmpty: Atomic<Bool>
    /// How many a tenant may have.
    private let mostPerTenant: Int

    init(_ known: [Revocation], mostPerTenant: Int) {
        var state = State()
        for revocation in known { RevocationList.put(revocation, &state) }
        isEmpty = Atomic(state.standing.isEmpty)
        self.state = Mutex(state)
        self.mostPerTenant = mostPerTenant
    }

    /// How many stand.
    var count: Int { state.withLock { $0.standing.count } }

    /// Adds what one call revokes; they hold from now on, and `reply` waits until the last of them is on disk.
    /// False, and nothing is added, where the tenant has too many.
    func add(_ revocations: [Revocation], at now: Int64, reply: ReplyTarget) -> Bool {
        state.withLock { state in
            guard let last = revocations.last else { return false }
            if !hasRoom(for: revocations, state) {
                forget(now, &state)
                guard hasRoom(for: revocations, state) else { return false }
            }
            for revocation in revocations { RevocationList.put(revocation, &state) }
            state.waiting[last, default: []].append(reply)
            isEmpty.store(false, ordering: .releasing)
            return true
        }
    }

    /// It is on disk: who waited for that.
    func committed(_ revocation: Revocation) -> [ReplyTarget] {
        state.withLock { $0.waiting.removeValue(forKey: revocation) ?? [] }
    }

    /// Whether a token is refused.
    func refuses(_ principal: Principal) -> Bool {
        guard !isEmpty.load(ordering: .acquiring) else { return false }
        return state.withLock { state in
            var subjects: [Revocation.Subject] = [
                .user(principal.user),
                .token(user: principal.user, issued: principal.issued, expires: principal.expires),
            ]
            if let id = principal.tokenID { subjects.append(.tokenID(id)) }
            return subjects.contains { subject in
                state.standing[Key(tenant: principal.tenant, subject: subject)]?.refuses(principal) ?? false
            }
        }
    }

    /// Whether a session may not be taken up again.
    func refuses(session: String, of tenant: Tenant) -> Bool {
        guard !isEmpty.load(ordering: .acquiring) else { return false }
        return state.withLock { $0.standing[Key(tenant: tenant, subject: .session(session))] != nil }
    }

    /// One that stands already takes no further place.
    private func hasRoom(for revocations: [Revocation], _ state: State) -> Bool {
        let further = revocations.filter { state.standing[Key(tenant: $0.tenant, subject: $0.subject)] == nil }
        guard let tenant = further.first?.tenant else { return true }
        return state.perTenant[tenant, default: 0] + further.count <= mostPerTenant
    }

    private func forget(_ now: Int64, _ state: inout State) {
        state.standing = state.standing.filter { _, revocation in revocation.until.map { $0 > now } ?? true }
        state.perTenant = state.standing.keys.reduce(into: [:]) { $0[$1.tenant, default: 0] += 1 }
    }

    /// A later one of the same subject takes the place of an earlier one.
    private static func put(_ revocation: Revocation, _ state: inout State) {
        let key = Key(tenant: revocation.tenant, subject: revocation.subject)
        if state.standing.updateValue(revocation, forKey: key) == nil {
            state.perTenant[revocation.tenant, default: 0] += 1
        }
    }
}

extension AuthenticationFailure {
    /// An admin has revoked it.
    static let revoked = AuthenticationFailure("the token has been revoked")
}
