import GRDB
import GRDBSQLite

/// What the write-ahead log of the writer's connection holds, told by SQLite at each commit.
///
/// Taking the hook also turns SQLite's automatic checkpoints off, so that only `Checkpoints` decides about them.
/// Confined to the writer's thread; must outlive the connection's last commit.
final class WriteAheadLog {
    private let cell: UnsafeMutablePointer<CInt>

    /// Takes the connection's hook.
    init(_ db: Database) {
        cell = .allocate(capacity: 1)
        cell.initialize(to: 0)
        sqlite3_wal_hook(
            db.sqliteConnection,
            { cell, _, _, pages in
                cell?.assumingMemoryBound(to: CInt.self).pointee = pages
                return SQLITE_OK
            },
            cell
        )
    }

    deinit {
        cell.deallocate()
    }

    /// Pages in the log after the last commit.
    var pages: Int { Int(cell.pointee) }

    /// Notes that a checkpoint has truncated the log, of which the hook does not hear.
    func wasEmptied() {
        cell.pointee = 0
    }

    /// Copies pages of the log into the database, waiting for readers at most so long.
    ///
    /// Returns how many pages the log has and how many of them the database has by now; nil where another
    /// connection was in the way.
    func checkpoint(
        _ db: Database,
        _ mode: Database.CheckpointMode,
        patience: Duration,
        afterwards: Duration
    ) throws -> (pages: Int, copied: Int)? {
        sqlite3_busy_timeout(db.sqliteConnection, patience.busyMilliseconds)
        defer { sqlite3_busy_timeout(db.sqliteConnection, afterwards.busyMilliseconds) }
        do {
            let (pages, copied) = try db.checkpoint(mode)
            return (pages, copied)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return nil
        }
    }
}

extension Duration {
    /// In whole milliseconds, as SQLite's busy timeout wants it.
    var busyMilliseconds: CInt { CInt(clamping: wholeNanoseconds / 1_000_000) }
}
