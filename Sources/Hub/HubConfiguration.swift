import HubProtocol

/// Every number of the hub that an operator may turn. Defaults are those of the contract.
public struct HubConfiguration: Sendable {
    /// The server pings every so often (jittered by ±10 %); two silent intervals close with 4408. 1 s … 10 min.
    public var pingInterval: Duration = .seconds(25)
    /// A socket without a successful `hello` is closed with 4401 after this.
    public var helloDeadline: Duration = .seconds(10)
    /// How long before the end of a token `expiring` is pushed.
    public var expiryNotice: Duration = .seconds(60)
    /// A person's `leave` goes out this long after their last connection left the room.
    public var presenceLeaveDelay: Duration = .seconds(5)

    /// The largest `data` of a send or signal, in bytes; more gets `too_large`.
    public var dataBytes = 64 << 10
    /// The largest frame and message a peer may send, in bytes; more closes with 1009.
    public var frameBytes = 256 << 10
    /// Rooms a connection may be in at once; one more gets `too_large`.
    public var roomsPerConnection = 200
    /// Commands a frame may hold; those behind get `bad_request`.
    public var commandsPerFrame = 64
    /// Malformed commands that are tolerated; one more closes with 4400.
    public var malformedTolerated = 10
    /// Rates of people with the roles that are limited (`user`, `viewer`) and of those who have not said `hello`.
    public var rates = RateLimits()
    /// Refusals by rate limits that a connection may get at once; one more closes with 4429. A tenth of them is
    /// forgiven a second.
    public var rateRefusalsTolerated = 100
    /// Revocations that may stand in a tenant at a time; more are refused.
    public var revocations = 100_000
    /// The longest life a token may have, where there is one: so long a revocation stands, else for ever.
    public var longestTokenLife: Duration?
    /// Commands of a connection that wait for their answers; those behind are not read until there is room.
    public var unansweredCommands = 4096
    /// Bytes of requests that wait for one room that the disk has not given yet; more gets `busy`.
    public var roomWaitingBytes = 4 << 20
    /// The same for all rooms of a loop together.
    public var waitingBytes = 64 << 20

    /// Events a room keeps in memory, newest first out to the ring's size…
    public var ringEvents = 1000
    /// …or this many bytes of encoded events, whichever is less. What is not yet durable is always kept.
    public var ringBytes = 1 << 20

    /// Bytes that a room may take to remember which keys have left its memory, so that new ones need not be asked of
    /// the disk. Default 128 KiB, about 104 000 keys; over that every key that memory does not know is asked for.
    public var keyFilterBytes = 128 * 1024
    /// How far behind a client may be and still be brought up to date event by event.
    public var recoverEvents = 1000
    /// Events in one answer, in bytes; the rest follows as pushes, or on the next page.
    public var answerBytes = 256 << 10
    /// A room without people, subscribers and unwritten events leaves memory after this.
    public var roomIdle: Duration = .seconds(60)

    /// Bytes queued for a connection over which typing, presence and read marks are conflated.
    public var softQueueBytes = 64 << 10
    /// Bytes queued for a connection over which it is closed with 4408.
    public var hardQueueBytes = 1 << 20
    /// Age of the oldest queued byte over which a connection is closed with 4408.
    public var hardQueueAge: Duration = .seconds(20)
    /// A compressed connection's messages below this many bytes go out plain.
    public var deflateFloor = 256

    /// The text of a stream, in bytes of UTF-8; an append beyond it gets `too_large`.
    public var streamBytes = 1 << 20
    /// Open streams a connection may produce at once; one more gets `too_large`.
    public var streamsPerConnection = 1024
    /// Open streams a room may have at once; one more gets `too_large`, a question `busy`.
    public var streamsPerRoom = 64
    /// Text of all open streams of a loop, in bytes; over it appends get `busy`.
    public var streamBytesPerLoop = 256 << 20
    /// How long a stream without a producer stays open.
    public var streamGrace: Duration = .seconds(30)
    /// How long an assistant may take to stop before its stream ends without its word.
    public var cancelGrace: Duration = .seconds(2)
    /// How often the text of growing streams goes to the store…
    public var checkpointInterval: Duration = .milliseconds(250)
    /// …and after how many new bytes of one at the latest.
    public var checkpointBytes = 4096
    /// Text of streams that a reader who fell behind is given at a time, in bytes.
    public var streamPageBytes = 64 << 10
    /// The user whose name answers of the assistant bear.
    public var assistantUser = "assistant"
    /// What a room does with a question while it answers another, by the room's kind; others queue.
    public var askPolicies: [String: AskPolicy] = [:]
    /// Questions that may wait in a room that queues them; one more gets `busy`.
    public var questionsWaiting = 8
    /// Jobs of a tenant that may be open; one more gets `busy`.
    public var jobsPerTenant = 10_000
    /// Bytes of the inputs of a tenant's open jobs; over it a further one gets `busy`.
    public var jobBytesPerTenant = 64 << 20
    /// Jobs of a tenant that workers may have at once; further ones stay queued.
    public var jobsRunning = 100
    /// Workers of a tenant that may wait for a job; one more gets `busy`.
    public var jobClaimsPerTenant = 10_000
    /// Attempts of a job before it fails.
    public var jobAttempts = 5
    /// How long an attempt may take where the job does not say; over it the job fails.
    public var jobTimeLimit: Duration = .seconds(3600)

    /// Connections told to come back a second after a drain: how the slots are spread.
    public var drainAcceptRate = 500

    /// The defaults.
    public init() {}

    func askPolicy(of room: RoomName) -> AskPolicy {
        askPolicies.isEmpty ? .queue : askPolicies[String(room.kind)] ?? .queue
    }
}
