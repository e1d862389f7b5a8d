import GRDB
import HubCore

/// Revocations as rows.
///
/// `subject` of the kinds `user`, `jti` and `session` is the name itself; of `token` it is `EXPIRES ISSUED USER`, the
/// times in ms since 1970, ISSUED `-` where the token does not say.
enum RevocationRows {
    /// Writes one, in the place of an earlier one of the same subject, and takes those out that may be forgotten.
    static func write(_ revocation: Revocation, _ db: Database) throws {
        let (kind, subject) = columns(of: revocation.subject)
        try db.cachedStatement(sql: "DELETE FROM revocations WHERE until <= ?").execute(arguments: [revocation.at])
        try db.cachedStatement(
            sql: """
                INSERT INTO revocations (tenant, kind, subject, at, until) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant, kind, subject) DO UPDATE SET at = excluded.at, until = excluded.until
                """
        ).execute(arguments: [revocation.tenant.id, kind, subject, revocation.at, revocation.until])
    }

    /// All that stand. Errors: a row that this version does not understand, since leaving it out would let somebody in.
    static func standing(_ db: Database, at now: Int64) throws -> [Revocation] {
        let sql = "SELECT tenant, kind, subject, at, until FROM revocations WHERE until IS NULL OR until > ?"
        var found: [Revocation] = []
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [now])
        while let row = try rows.next() {
            guard let subject = subject(kind: row["kind"], row["subject"]) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a revocation that cannot be understood")
            }
            found.append(
                Revocation(tenant: Tenant(row["tenant"]), subject: subject, at: row["at"], until: row["until"])
            )
        }
        return found
    }

    private static func columns(of subject: Revocation.Subject) -> (kind: String, subject: String) {
        switch subject {
        case .user(let user): ("user", user)
        case .tokenID(let id): ("jti", id)
        case .session(let session): ("session", session)
        case .token(let user, let issued, let expires):
            ("token", "\(expires) \(issued.map(String.init) ?? "-") \(user)")
        }
    }

    private static func subject(kind: String, _ text: String) -> Revocation.Subject? {
        switch kind {
        case "user": return .user(text)
        case "jti": return .tokenID(text)
        case "session": return .session(text)
        case "token":
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let expires = Int64(parts[0]), parts[1] == "-" || Int64(parts[1]) != nil else {
                return nil
            }
            return .token(user: String(parts[2]), issued: Int64(parts[1]), expires: expires)
        default: return nil
        }
    }
}
