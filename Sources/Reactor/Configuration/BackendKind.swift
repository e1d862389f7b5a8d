import Glibc

/// The kernel interface a loop does its socket I/O with.
///
/// Both behave alike; `io_uring` costs fewer system calls, `epoll` works where containers forbid `io_uring`.
public enum BackendKind: String, CaseIterable, Sendable {
    case io_uring
    case epoll

    /// The backend that `APUS_REACTOR` forces, or nil where the variable is unset or empty.
    ///
    /// - Throws: `ReactorError` for any other value, with a sentence that names it.
    public static func forcedByEnvironment() throws(ReactorError) -> BackendKind? {
        guard let value = getenv("APUS_REACTOR") else { return nil }
        return try parse(String(cString: value))
    }

    static func parse(_ text: String) throws(ReactorError) -> BackendKind? {
        if text.isEmpty { return nil }
        guard let kind = BackendKind(rawValue: text) else {
            throw ReactorError("APUS_REACTOR is \"\(text)\": it takes io_uring or epoll.")
        }
        return kind
    }
}
