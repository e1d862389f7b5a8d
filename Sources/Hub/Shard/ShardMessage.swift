import HubProtocol
import Reactor

/// What loops and the store's threads tell a shard, in order, through its mailbox.
enum ShardMessage: Sendable {
    // From the loop of a connection to the home of a room.
    case request(RoomKey, RoomRequest)

    // From the home of a room to the loop of a connection.
    case reply(ConnectionID, id: Int64, [UInt8])
    case outcome(call: UInt64, CallOutcome)
    case joined(ConnectionID, JoinAnswer)
    case left(ConnectionID, RoomName, id: Int64)
    case caughtUp(ConnectionID, RoomName, CatchUpPage)
    case batch(RoomIdentity, Batch)
    case streamOpened(ConnectionID, id: Int64, [UInt8], RoomKey, stream: String)
    case streamPage(ConnectionID, RoomName, StreamPage)
    /// A push that belongs to no room.
    case push(ConnectionID, [UInt8])

    // From the store's threads to the home of a room.
    case woken(RoomIdentity, Result<RoomSnapshot, StoreFault>)
    case pageRead(RoomIdentity, ticket: UInt64, Result<[KeptEvent], StoreFault>)
    case keysRead(RoomIdentity, Result<KeyLookup, StoreFault>)
    case streamChecked(RoomIdentity, StreamRequest, Result<StreamState?, StoreFault>)
    case committed(StoreCommit)
    case writability(RoomIdentity, isWritable: Bool)
    case trimmed(RoomKey, firstKept: Int64)

    // From an assistant to the home of a room.
    case answered(RoomIdentity, stream: String, AnswerEvent)
    case pastAsked(
        RoomIdentity,
        before: Int64,
        events: Int,
        @Sendable (Result<[KeptEvent], StoreFault>) -> Void
    )
    // To the loop of the jobs.
    case jobs(JobMessage)

    // About connections.
    case authenticated(ConnectionID, Result<Principal, AuthenticationFailure>)
    case callAuthenticated(call: UInt64, Result<Principal, AuthenticationFailure>)
    case replaced(ConnectionID)
    case revoked(Revocation)

    // From the program.
    case drain(DrainPlan)
    case closeAll
    case report(@Sendable (ShardMetrics) -> Void)
}

/// The home's answer to a join.
struct JoinAnswer: Sendable {
    var room: RoomName
    /// The id of the `sub`; nil for a part of `hello`.
    var id: Int64?
    var outcome: Result<Success, ErrorReply>

    struct Success: Sendable {
        var identity: RoomIdentity
        var answer: SubAnswer
        /// Where the client stands before the answer's events, if it is being recovered.
        var recoveredFrom: Int64?
        /// Where the answer could not hold everything: the last offset in it; the rest is to be fetched.
        var catchUpAfter: Int64?
        /// Where the room's open streams are: what grows after the answer begins there.
        var streams: [UInt64: StreamCursor]
        /// Where the answer's snapshots are, if they do not hold all of the texts: the rest is to be fetched.
        var textUpto: [UInt64: StreamCursor]?
    }
}

/// A piece of what a subscriber still lacks.
struct CatchUpPage: Sendable {
    /// The offset it follows.
    var after: Int64
    var events: [KeptEvent]
    /// The last offset of the piece.
    var upto: Int64
    /// Whether this reaches the head, so that the subscriber is live from here.
    var complete: Bool
    /// Set where the disk could not be read: the connection has to come back and ask again.
    var failed: Bool
}

/// How clients are told to come back after a drain.
struct DrainPlan: Sendable {
    /// From the notice to the close, in ms.
    var deadline: Int
    /// Slots are spread by this many a second over all loops.
    var acceptRate: Int
    /// The number of loops, for the share of each.
    var loops: Int
}
