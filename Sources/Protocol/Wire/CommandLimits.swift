/// The sizes that a command must keep.
public struct CommandLimits: Sendable, Hashable {
    /// `data` of an event, in bytes as written; more is `too_large`. Default 64 KiB.
    public var dataBytes = 65_536
    /// JSON nesting, the command's own braces counted; deeper is `bad_request`. Default 32, at most 64.
    public var depth = 32
    /// Rooms in one `hello`; more is `too_large`. Default 200.
    public var rooms = 200
    /// Members of one command, unknown ones included; more is `bad_request`. Default 64.
    public var members = 64
    /// `token` and `telegram`, in bytes; more is `too_large`. Default 16 KiB.
    public var credentialBytes = 16_384
    /// The largest `limit` of a page; more is `bad_request`. Default 500.
    public var page = 500
    /// `meta`, `usage` and `error` of a stream, each, in bytes as written; more is `too_large`. Default 16 KiB.
    public var streamMetaBytes = 16_384

    /// The defaults.
    public init() {}

    /// A page's length where the command names none.
    public static let defaultPage = 50
    /// The longest `key`.
    public static let keyBytes = 64
    /// The longest id that a producer may give a stream.
    public static let streamBytes = 128
    /// The longest id of a stream, the hub's own included.
    public static let anyStreamBytes = 160
    /// The largest `attempt`.
    public static let largestAttempt: Int64 = 2_147_483_647
    /// The largest integer that every JSON reader holds exactly: 2^53−1.
    public static let largestInteger: Int64 = 9_007_199_254_740_991
}
