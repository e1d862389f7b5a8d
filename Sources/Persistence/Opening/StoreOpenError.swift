/// Why the store could not be opened. `sentence` is for the operator, names the file, and says what to do;
/// the executable prints it and exits with 1.
public struct StoreOpenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed list of reasons.
    public enum Reason: Sendable, Equatable {
        /// A file is in the place of the one to be written.
        case taken
        /// The folder cannot be made or is none.
        case folder
        /// Another hub runs on this folder; its process id where the lock file tells it.
        case held(pid: Int32?)
        /// Another program has locked the database.
        case locked
        /// The folder or the database may not be written.
        case readOnly
        /// The file is no SQLite database, or one of another program.
        case notADatabase
        /// The database is damaged.
        case damaged
        /// The disk is full.
        case diskFull
        /// A newer version of Apus has written the database.
        case newerSchema
        /// Something else: what the system said is in the sentence.
        case failed
    }

    /// Which of them.
    public let reason: Reason
    /// What is wrong and what to do.
    public let sentence: String

    /// A reason with its sentence.
    public init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        self.sentence = sentence
    }

    /// The sentence.
    public var description: String { sentence }
}
