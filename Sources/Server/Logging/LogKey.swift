import Logging

/// The metadata keys of all log lines of this module and the executable. Messages are constants; what varies
/// goes here. No key for tokens, bodies or secrets exists, and none may be added.
public enum LogKey {
    /// The address that is listened on.
    public static let address = "address"
    /// io_uring or epoll.
    public static let backend = "backend"
    /// Clients that are still connected.
    public static let connections = "connections"
    /// When a certificate ends.
    public static let expires = "expires"
    /// How many files are served.
    public static let files = "files"
    /// A folder or file of the operator.
    public static let path = "path"
    /// Which signal came.
    public static let signal = "signal"
    /// How many loops run.
    public static let reactors = "reactors"
    /// How many AI providers are configured.
    public static let providers = "providers"
    /// A sentence about what went wrong.
    public static let reason = "reason"
    /// The release.
    public static let version = "version"
}
