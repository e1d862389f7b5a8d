/// The answer to `hello`: its `ok` object.
public struct HelloAnswer: Sendable {
    /// What the hub lets a client send: the object `limits`.
    public struct Limits: Sendable, Hashable {
        /// Bytes of a frame.
        public var frame: Int
        /// Bytes of an event's `data`.
        public var data: Int
        /// Rooms of a connection.
        public var rooms: Int
        /// Bytes of a `key`.
        public var key: Int
        /// Events of a page.
        public var history: Int
        /// Bytes of a stream's text.
        public var stream: Int

        /// The limits of a hub.
        public init(frame: Int, data: Int, rooms: Int, key: Int, history: Int, stream: Int) {
            self.frame = frame
            self.data = data
            self.rooms = rooms
            self.key = key
            self.history = history
            self.stream = stream
        }
    }

    /// The user id.
    public var user: String
    /// The names of the roles.
    public var roles: [String]
    /// The session, to be given at the next `hello`.
    public var session: String
    /// The hub's clock, ms since 1970 UTC.
    public var now: Int64
    /// How often the hub pings, in ms.
    public var ping: Int64
    /// When the token ends, ms since 1970 UTC.
    public var expires: Int64
    /// What may be sent.
    public var limits: Limits
    /// Whether questions are answered here.
    public var hasAssistant: Bool
    /// Each room asked for, by the name the client gave.
    public var rooms: [(room: String, result: Result<SubAnswer, ErrorReply>)]

    /// An answer.
    public init(
        user: String,
        roles: [String],
        session: String,
        now: Int64,
        ping: Int64,
        expires: Int64,
        limits: Limits,
        hasAssistant: Bool = false,
        rooms: [(room: String, result: Result<SubAnswer, ErrorReply>)] = []
    ) {
        self.user = user
        self.roles = roles
        self.session = session
        self.now = now
        self.hasAssistant = hasAssistant
        self.ping = ping
        self.expires = expires
        self.limits = limits
        self.rooms = rooms
    }
}
