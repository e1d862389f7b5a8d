import GRDB
import Glibc

/// A consistent copy of a database beside a running hub, or of one that rests; what `apus backup` makes.
///
/// One read-only connection, one snapshot (`VACUUM INTO`): the hub's writer stays the only one that writes or
/// checkpoints. The copy is checked like a database by `apus doctor`, synced, and only then given its name.
public struct DatabaseCopy: Sendable {
    /// Bytes of the file.
    public let bytes: Int64
    /// Every room and its head, by tenant and name.
    public let heads: [Head]
    /// Events that are kept.
    public let events: Int64

    /// A room in the copy.
    public struct Head: Sendable {
        /// Its tenant.
        public let tenant: String
        /// Its name.
        public let room: String
        /// The newest offset ever given there.
        public let head: Int64
    }

    /// A running hub's write-ahead log may grow to so many bytes while its database is read. 1 GiB.
    public static let logLimit: Int64 = 1 << 30

    /// Makes the copy; blocks for as long as reading and writing the whole file takes. Errors: a sentence; then no
    /// file is left.
    public static func make(
        of database: String,
        at path: String,
        logLimit: Int64 = logLimit
    ) throws(StoreOpenError) -> DatabaseCopy {
        var status = stat()
        guard stat(database, &status) == 0 else {
            throw StoreOpenError(.failed, "there is no database \(database); name its folder with --data")
        }
        try LogBeginning.check(database)
        let target = try CopyTarget(path)
        do {
            try write(database, to: target.hidden, path, logLimit)
            let copy = try checked(target.hidden, path)
            try target.publish()
            return copy
        } catch {
            target.discard()
            throw error
        }
    }

    /// Takes away what an unfinished `make` of this process has written so far; for a process that is told to end.
    public static func discard(at path: String) {
        CopyTarget(hiddenFor: path).discard()
    }

    private static func write(
        _ database: String,
        to hidden: String,
        _ path: String,
        _ logLimit: Int64
    ) throws(StoreOpenError) {
        var reading = GRDB.Configuration()
        reading.readonly = true
        reading.busyMode = .timeout(1)
        do {
            let queue = try DatabaseQueue(path: database, configuration: reading)
            defer { try? queue.close() }
            try queue.read { try DatabaseOpening.checkIdentity($0, database) }
            try LogGuard.watch(queue, database, limit: logLimit) {
                try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [hidden]) }
            }
        } catch let error as StoreOpenError {
            throw error
        } catch {
            switch DiskFault(error) {
            case .full: throw DataFolder.refused(ENOSPC, "the copy \(path) cannot be written")
            case .damaged, .notADatabase: throw DatabaseOpening.sentence(for: error, database)
            default:
                throw StoreOpenError(.failed, "the copy \(path) cannot be made: \(DiskFault.said(error))")
            }
        }
    }

    private static func checked(_ hidden: String, _ path: String) throws(StoreOpenError) -> DatabaseCopy {
        if let finding = try DatabaseCheck.run(path: hidden).first {
            throw StoreOpenError(.damaged, "a copy would be damaged: \(finding.sentence); \(finding.advice)")
        }
        do {
            let queue = try DatabaseQueue(path: hidden)
            defer { try? queue.close() }
            return try queue.read { db in
                let heads = try Row.fetchAll(db, sql: "SELECT tenant, name, head FROM rooms ORDER BY tenant, name")
                return DatabaseCopy(
                    bytes: SQLiteStore.size(of: hidden),
                    heads: heads.map { Head(tenant: $0["tenant"], room: $0["name"], head: $0["head"]) },
                    events: try Int64.fetchOne(db, sql: "SELECT count(*) FROM events") ?? 0
                )
            }
        } catch {
            throw DatabaseOpening.sentence(for: error, path)
        }
    }
}
