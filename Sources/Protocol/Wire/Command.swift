/// One command of a client, read and checked as far as that goes without knowing the hub's state.
///
/// It borrows: every view in it is valid until the decoder's next `decode`, and no longer than the frame.
public struct Command {
    /// 1…2^53−1. That it is greater than the connection's last one is the hub's to check.
    public let id: Int64
    /// What is wanted.
    public let body: CommandBody
}

/// What a command wants, by its `cmd`.
public enum CommandBody {
    /// Says who is there; the first command.
    case hello(HelloFields)
    /// Renews the token.
    case auth(token: ByteView)
    /// Joins a room.
    case sub(SubFields)
    /// Leaves a room.
    case unsub(room: RoomText)
    /// Keeps and publishes an event.
    case send(SendFields)
    /// Publishes without keeping.
    case signal(SignalFields)
    /// Moves the own read mark; `upto` is 0…2^53−1, that it is not over the head is the hub's to check.
    case read(room: RoomText, upto: Int64)
    /// A page of the past.
    case history(HistoryFields)
    /// Who is in a room.
    case presence(room: RoomText)
    /// Is the hub there?
    case ping
    /// Opens a stream, or takes an open one up again.
    case streamOpen(StreamOpenFields)
    /// Adds tokens to a stream.
    case streamAppend(StreamAppendFields)
    /// Ends a stream.
    case streamClose(StreamCloseFields)
    /// Asks for a stream to stop; `stream` is a well-formed id.
    case streamCancel(stream: ByteView)
    /// Asks the room's assistant.
    case ask(AskFields)
    /// Submits, does or looks at a job.
    case job(JobCommand)
    /// A well-formed name that this hub does not serve; `ErrorReply.unsupported(command:)` is the answer.
    case unsupported(name: ByteView)
}

/// When a sender wants its answer.
public enum Acknowledgement: Sendable, Hashable {
    /// The offset is given, fan-out is done.
    case accepted
    /// Committed and fsynced; the default.
    case durable
}
