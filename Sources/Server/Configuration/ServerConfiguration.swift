import HubCore
import Logging

/// The settings as the parts of the server take them. Immutable after the start.
public struct ServerConfiguration: Sendable {
    /// Address to listen on.
    public let host: String
    /// Port to listen on; 0 takes a free one.
    public let port: Int
    /// Certificate and key; nil where the port is plain.
    public let tls: TLS?
    /// Folder of the database and of the generated key.
    public let data: String
    /// How many loops.
    public let reactors: Int
    /// `io_uring`, `epoll`, or nil to probe.
    public let reactor: String?
    /// The most that a busy loop holds deliveries back.
    public let gatherLimit: Duration
    /// Whether the demo's people can log in.
    public let demo: Bool
    /// Whether there is an echo socket.
    public let echo: Bool
    /// The folder of pages as configured; empty where it is to be found.
    public let webRoot: String
    /// How long a drain may take.
    public let drainDeadline: Duration
    /// Least severe level that is logged.
    public let logLevel: Logger.Level
    /// Whether log lines are JSON.
    public let logJSON: Bool
    /// Origins that may open a WebSocket besides the own host.
    public let allowedOrigins: [String]
    /// Origins whose pages may call the API.
    public let corsOrigins: [String]
    /// Whose forwarding headers count.
    public let trustedProxies: [AddressNetwork]
    /// How WebSockets are compressed.
    public let deflate: Deflate
    /// Limits per address; nil lifts them.
    public let addressLimits: AddressLimits?
    /// Connections of the whole process; nil takes what the limit on open files leaves.
    public let connections: Int?
    /// How long each phase of an HTTP connection may last.
    let deadlines: HTTPDeadlines
    /// Largest body of a request.
    public let bodyBytes: Int
    /// The hub's own numbers.
    public let hub: HubConfiguration
    /// The store's numbers, as the executable hands them to it.
    public let store: StoreSettings
    /// Keys that tokens are verified with; empty means the generated one.
    public let keys: [TokenKeyReference]
    /// The file of AI providers; nil where there is none.
    public let providersFile: String?
    /// The folder of system prompts; nil where there is none.
    public let promptsFolder: String?
    /// The demanded issuer.
    public let issuer: String?
    /// The longest life that a token may have; nil for any.
    public let longestTokenLife: Duration?
    /// The demanded audience.
    public let audience: String?

    /// The setting `deflate`.
    public enum Deflate: String, Sendable {
        /// Never.
        case off
        /// Without context takeover.
        case on
        /// With context takeover where the client allows.
        case contextTakeover = "context_takeover"
    }

    /// The limits of one address.
    public struct AddressLimits: Sendable, Equatable {
        /// Open at once.
        public let connections: Int
        /// New ones a second.
        public let acceptsPerSecond: Int
    }

    /// What the store is told; its module has its own type for it.
    public struct StoreSettings: Sendable {
        /// Whether every commit is fsynced.
        public let synchronousFull: Bool
        /// Longest wait for a group commit.
        public let commitInterval: Duration
        /// Events that close a group commit early.
        public let commitEvents: Int
        /// Waiting events over which sends get `busy`.
        public let lagEvents: Int
        /// Waiting bytes over which sends get `busy`.
        public let lagBytes: Int
        /// Age of the oldest waiting event over which sends get `busy`.
        public let lagAge: Duration
        /// How long events stay, by room kind.
        public let retention: [String: Retention]
    }

    /// How long the events of a kind of room stay; nil means for ever.
    public struct Retention: Sendable, Equatable {
        /// Days.
        public var days: Int?
        /// Newest events of a room.
        public var events: Int?
    }
}
