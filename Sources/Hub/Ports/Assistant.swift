import HubProtocol

/// Answers the questions that people put to a room with `ask`. Fulfilled outside the hub (module Generation).
///
/// The hub keeps the question as a `message`, opens a stream for the answer, and then asks: what the assistant
/// appends to the stream grows before everybody in the room, is checkpointed to disk, and ends as one kept event.
/// A room's second question waits, is refused or replaces the first, as `HubConfiguration.askPolicies` says; the
/// assistant sees at most one open question a room, unless it was replaced and has not stopped yet.
public protocol Assistant: AnyObject, Sendable {
    /// Takes a question on. Every call is answered by exactly one `finish` on `stream`; a stream that is let go
    /// without one ends as `failed`.
    ///
    /// Isolation: called on the loop of the room's home, so it must return at once: hand the work to a thread of
    /// its own and answer from there.
    func answer(_ question: Question, on stream: AnswerStream)
}

/// A question that somebody asked in a room. Immutable; any thread.
public struct Question: Sendable {
    /// The tenant of the room and the person.
    public let tenant: Tenant
    /// Where it was asked.
    public let room: RoomName
    /// The offset of the `message` that holds it.
    public let offset: Int64
    /// Who asked, with what their token says of them.
    public let person: Principal
    /// What they asked: never empty, at most `HubConfiguration.dataBytes` of UTF-8.
    public let text: String
    /// The whole `data` of the message, a JSON object on one line.
    public let data: [UInt8]
    /// The id of the stream that takes the answer.
    public let stream: String
    private let past: Past

    /// Reads at most so many events before the question, the newest of them, ascending.
    public typealias Past =
        @Sendable (
            _ events: Int, _ reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
        ) -> Void

    /// A question; `past` is how its `history` is read.
    public init(
        tenant: Tenant,
        room: RoomName,
        offset: Int64,
        person: Principal,
        text: String,
        data: [UInt8],
        stream: String,
        past: @escaping Past
    ) {
        self.tenant = tenant
        self.room = room
        self.offset = offset
        self.person = person
        self.text = text
        self.data = data
        self.stream = stream
        self.past = past
    }

    /// Reads what was said in the room before the question: the newest `events` (1…500) kept events below its
    /// offset, of every kind, ascending, and about 256 KiB of them at most.
    ///
    /// Isolation: any thread, returns at once; `reply` is called once, on the loop of the room's home, and must
    /// return at once, too. Errors: what the disk said, where the past is not in memory and cannot be read.
    public func history(
        newest events: Int,
        reply: @escaping @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        past(min(max(events, 1), 500), reply)
    }
}
