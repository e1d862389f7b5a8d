import GRDB
import HubCore

/// What a failed commit or opening means for the store.
enum DiskFault {
    /// No space: passes when somebody makes some.
    case full
    /// Another process holds the database.
    case locked
    /// The file or folder may not be written.
    case readOnly
    /// Pages make no sense.
    case damaged
    /// Not a database at all.
    case notADatabase
    /// The rules of the schema are broken: an error of this program, not of the disk.
    case broken
    /// Any other answer of the system.
    case failed

    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self = error is BrokenRule ? .broken : .failed
            return
        }
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .locked
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .readOnly
            case .SQLITE_CORRUPT: .damaged
            case .SQLITE_NOTADB: .notADatabase
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_MISUSE, .SQLITE_TOOBIG, .SQLITE_RANGE: .broken
            default: .failed
            }
    }

    /// What the database said, for logs and sentences.
    static func said(_ error: any Error) -> String {
        if let error = error as? DatabaseError {
            return "\(error.message ?? "SQLite failed") (\(error.extendedResultCode.rawValue))"
        }
        if let rule = error as? BrokenRule { return rule.sentence }
        return String(describing: error)
    }
}

extension DiskFault {
    /// Whether it lies in what is written, not in the disk as a whole: waiting does not help, but other rooms may go on.
    var isOfContent: Bool {
        switch self {
        case .damaged, .notADatabase, .broken: true
        case .full, .locked, .readOnly, .failed: false
        }
    }
}

/// A room's own writes could not be written; nothing of its batch was.
struct RoomFault: Error {
    let room: RoomIdentity
    let cause: any Error
}

/// The hub asked for something that would break what the store promises.
struct BrokenRule: Error {
    let sentence: String
}
