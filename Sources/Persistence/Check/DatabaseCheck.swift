import GRDB
import Glibc

/// Looks through a database for damage; what `apus doctor` runs.
///
/// It changes nothing and opens read-only, so it may run beside a hub; meanwhile that hub's write-ahead log can
/// only grow. Blocks for as long as reading the whole file takes.
public enum DatabaseCheck {
    /// Checks the file's pages and indices, then what the tables promise each other (`Schema`). An empty answer
    /// means a healthy database. Errors: where there is no such database or it cannot be read at all.
    ///
    /// It gives up, with a sentence, where a running hub's write-ahead log grows over `logLimit` bytes meanwhile.
    public static func run(
        path: String,
        logLimit: Int64 = DatabaseCopy.logLimit
    ) throws(StoreOpenError) -> [Finding] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw StoreOpenError(.failed, "there is no database \(path); name its folder with --data")
        }
        try LogBeginning.check(path)
        do {
            return try findings(path, logLimit)
        } catch let error as StoreOpenError {
            throw error
        } catch {
            throw DatabaseOpening.sentence(for: error, path)
        }
    }

    /// At most so many findings of one kind are listed one by one.
    static let listed = 20

    private static let restore = "restore the newest copy that doctor finds healthy"

    private static func findings(_ path: String, _ logLimit: Int64) throws -> [Finding] {
        var reading = GRDB.Configuration()
        reading.readonly = true
        reading.busyMode = .timeout(1)
        let queue = try DatabaseQueue(path: path, configuration: reading)
        defer { try? queue.close() }
        try queue.read { db in
            try DatabaseOpening.checkIdentity(db, path)
            guard try db.tableExists("rooms") else {
                throw StoreOpenError(.notADatabase, "\(path) has no tables yet; start the hub once")
            }
        }
        return try LogGuard.watch(queue, path, limit: logLimit) { try findings(queue) }
    }

    private static func findings(_ queue: DatabaseQueue) throws -> [Finding] {
        var findings = try pages(queue)
        // Each rule is one statement, so it sees one snapshot: a running hub's commits do not come between two
        // tables. A transaction for each, because a damaged page ends the one it was met in.
        for rule in TableRules.all {
            do {
                findings += try queue.read(rule)
            } catch let error as DatabaseError where error.resultCode != .SQLITE_INTERRUPT {
                findings.append(Finding("a table cannot be read: \(DiskFault.said(error))", advice: restore))
            }
        }
        return findings
    }

    private static func pages(_ queue: DatabaseQueue) throws -> [Finding] {
        do {
            let answers = try queue.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check(\(listed))")
            }
            return answers.filter { $0 != "ok" }.map { answer in
                Finding("the file is damaged: \(answer)", advice: restore)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return [Finding("the file is damaged: \(DiskFault.said(error))", advice: restore)]
        }
    }
}
