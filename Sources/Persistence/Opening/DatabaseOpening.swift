import GRDB
import Glibc
import HubCore

/// Opens the database of a held folder: looks before it touches anything, then makes or migrates the schema,
/// sets how commits sync, and writes this start's row.
enum DatabaseOpening {
    /// What an opened database consists of.
    struct Opened {
        let pool: DatabasePool
        let epochs: EpochList
        /// Those that still stand.
        let revocations: [Revocation]
        let unfinished: [UnfinishedStream]
        /// What the writer's connection answered when asked how it syncs.
        let synchronous: Int
    }

    static func open(
        _ path: String,
        _ configuration: StoreConfiguration,
        wallMilliseconds: Int64
    ) throws(StoreOpenError) -> Opened {
        try checkWritable(path)
        try LogBeginning.check(path)
        do {
            try look(path, configuration)
            return try begin(path, configuration, wallMilliseconds)
        } catch let error as StoreOpenError {
            throw error
        } catch {
            throw sentence(for: error, path)
        }
    }

    /// SQLite opens a file that may not be written read-only without a word, so that is asked of the system
    /// first. Closing a descriptor of a file drops its POSIX locks, which is why this is done only here, before
    /// SQLite has the file open.
    private static func checkWritable(_ path: String) throws(StoreOpenError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        let code = errno
        guard code != ENOENT else { return }
        let said = String(cString: strerror(code))
        switch code {
        case EACCES, EPERM, EROFS:
            throw StoreOpenError(
                .readOnly,
                "the database \(path) may not be written: \(said); give this user the right to write it"
            )
        default:
            throw StoreOpenError(.failed, "the database \(path) cannot be opened: \(said)")
        }
    }

    /// Reads what the file says about itself, through a connection that can change nothing.
    private static func look(_ path: String, _ configuration: StoreConfiguration) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return }
        var reading = GRDB.Configuration()
        reading.readonly = true
        reading.busyMode = .timeout(configuration.busyTimeout.seconds)
        func look() throws {
            let queue = try DatabaseQueue(path: path, configuration: reading)
            defer { try? queue.close() }
            try queue.read { try checkIdentity($0, path) }
        }
        do {
            try look()
        } catch let error as DatabaseError where error.isUnfinished {
            // The process died while it made the database, before that had a write-ahead log. Whoever opens it next
            // takes the half-written transaction back, whose database it may be.
            reading.readonly = false
            try look()
        }
    }

    /// Refuses the database of another program and one that a newer version has written.
    static func checkIdentity(_ db: Database, _ path: String) throws {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard application == Schema.applicationID || tables == 0 else {
            throw StoreOpenError(
                .notADatabase,
                "\(path) is the database of another program; name another folder with --data"
            )
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard try version <= Schema.version && !Schema.migrator.hasBeenSuperseded(db) else {
            throw StoreOpenError(
                .newerSchema,
                "the database \(path) was written by a newer version of Apus (schema \(version), this one "
                    + "knows \(Schema.version)); start that version, or restore a copy from before it"
            )
        }
    }

    private static func begin(
        _ path: String,
        _ configuration: StoreConfiguration,
        _ wallMilliseconds: Int64
    ) throws -> Opened {
        var writing = GRDB.Configuration()
        writing.label = "apus"
        writing.foreignKeysEnabled = false
        writing.maximumReaderCount = configuration.readThreads
        writing.persistentReadOnlyConnections = true
        writing.busyMode = .timeout(configuration.busyTimeout.seconds)
        // A rollback that fails on a bad disk leaves a transaction open until the next attempt: that is handled
        // by the writer, where GRDB would end the process.
        writing.allowsUnsafeTransactions = true
        let pool = try DatabasePool(path: path, configuration: writing)
        do {
            try Schema.migrator.migrate(pool)
            // GRDB sets NORMAL when it opens a pool.
            let synchronous = try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
                // 16 MiB of pages: with 100 busy rooms a keyed event costs 6.9 µs instead of 10.7 µs with the 2 MB
                // that SQLite would take.
                try db.execute(sql: "PRAGMA cache_size = -16384")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
            }
            guard synchronous == configuration.synchronous.rawValue else {
                let wanted = configuration.synchronous
                throw StoreOpenError(.failed, "the database \(path) does not take synchronous=\(wanted)")
            }
            // Not through a reading connection: one that is closed last leaves the write-ahead log behind.
            let (epochs, revocations, unfinished) = try pool.write { db in
                (
                    try Starts.begin(db, at: wallMilliseconds),
                    try RevocationRows.standing(db, at: wallMilliseconds),
                    try Starts.unfinishedStreams(db)
                )
            }
            return Opened(
                pool: pool,
                epochs: epochs,
                revocations: revocations,
                unfinished: unfinished,
                synchronous: synchronous
            )
        } catch {
            try? pool.close()
            throw error
        }
    }

    /// What a failed opening means, for the operator.
    static func sentence(for error: any Error, _ path: String) -> StoreOpenError {
        let said = DiskFault.said(error)
        if let error = error as? DatabaseError, error.isUnfinished {
            return StoreOpenError(
                .failed,
                "the database \(path) was left in the middle of a write; start the hub, which takes it back"
            )
        }
        switch DiskFault(error) {
        case .full:
            return StoreOpenError(
                .diskFull,
                "the disk is full: the database \(path) cannot be written; free some space and start again"
            )
        case .locked:
            return StoreOpenError(
                .locked,
                "the database \(path) is locked by another program; close that program (an open sqlite3 shell, "
                    + "a backup) and start again"
            )
        case .readOnly:
            return StoreOpenError(
                .readOnly,
                "the database \(path) may not be written: \(said); give this user the right to write it and its folder"
            )
        case .notADatabase:
            return StoreOpenError(.notADatabase, "\(path) is not an SQLite database; name another folder with --data")
        case .damaged:
            return StoreOpenError(
                .damaged,
                "the database \(path) is damaged: \(said); run apus doctor, and restore a copy"
            )
        case .broken, .failed:
            return StoreOpenError(.failed, "the database \(path) cannot be opened: \(said)")
        }
    }
}

extension DatabaseError {
    /// Whether a reader may not take back what a dead process has left half written.
    fileprivate var isUnfinished: Bool { extendedResultCode == .SQLITE_READONLY_ROLLBACK }
}

extension Duration {
    /// In seconds, as GRDB's busy timeout wants it.
    var seconds: Double { Double(wholeNanoseconds) / 1e9 }
}
