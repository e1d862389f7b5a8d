import Reactor
import Synchronization

/// Which connection holds which session, over all loops. A session's id is a bearer secret of 128 random bits.
///
/// Isolation: any thread; one short lock a connect and a disconnect, none in between.
final class SessionDirectory: Sendable {
    /// A session's id, as 128 bits.
    struct ID: Hashable, Sendable {
        let high: UInt64
        let low: UInt64

        static func random() -> ID {
            var generator = SystemRandomNumberGenerator()
            return ID(high: generator.next(), low: generator.next())
        }

        /// 32 hexadecimal digits.
        var text: String {
            [high, low].map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }

        /// From 32 hexadecimal digits; nil for anything else.
        init?(_ text: String) {
            guard text.utf8.count == 32,
                let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16),
                !text.contains("+"), !text.contains("-")
            else { return nil }
            self.init(high: high, low: low)
        }

        init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    private struct Holder {
        let connection: ConnectionID
        /// As the session began, and as its token was last renewed.
        let principal: Principal
        var renewed: Principal?
    }

    private let holders = Mutex<[ID: Holder]>([:])

    /// What a claim came to.
    struct Claim {
        /// The session the connection has now.
        let session: ID
        /// The connection whose place it took.
        let replaced: ConnectionID?
    }

    /// Gives `connection` the session it asks for if the same person holds it, else a new one.
    func claim(_ asked: ID?, for principal: Principal, connection: ConnectionID) -> Claim {
        holders.withLock { holders in
            if let asked, let holder = holders[asked], holder.principal.user == principal.user,
                holder.principal.tenant == principal.tenant
            {
                holders[asked] = Holder(connection: connection, principal: principal)
                return Claim(session: asked, replaced: holder.connection)
            }
            let fresh = ID.random()
            holders[fresh] = Holder(connection: connection, principal: principal)
            return Claim(session: fresh, replaced: nil)
        }
    }

    /// The connection has renewed its token.
    func renew(_ session: ID, by connection: ConnectionID, to principal: Principal) {
        holders.withLock { holders in
            if holders[session]?.connection == connection { holders[session]?.renewed = principal }
        }
    }

    /// The tokens a session of that tenant has come with: the first and the latest; none where nobody holds it.
    func tokens(of session: String, in tenant: Tenant) -> [Principal] {
        guard let id = ID(session) else { return [] }
        return holders.withLock { holders in
            guard let holder = holders[id], holder.principal.tenant == tenant else { return [] }
            return [holder.principal] + (holder.renewed.map { [$0] } ?? [])
        }
    }

    /// The connection has gone; its session ends unless another one has taken it over.
    func release(_ session: ID, by connection: ConnectionID) {
        holders.withLock { holders in
            if holders[session]?.connection == connection { holders[session] = nil }
        }
    }
}
