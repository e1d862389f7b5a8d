import HubProtocol
import Reactor

/// One open stream at its room's home: its text, who writes it, how far it has been shown and kept.
///
/// It says what is to be shown or written and does neither itself. Isolation: confined to the room's home.
final class LiveStream {
    let handle: UInt64
    let id: String
    /// The user who opened it and may take it up again.
    let owner: String
    /// Where its opening event is.
    let opened: Int64
    /// The attempt that the opening event names.
    let firstAttempt: Int64

    private(set) var attempt: Int64
    var text: StreamText
    var producer: Producer

    /// Where watchers are that miss nothing.
    private(set) var shown = StreamText.Place.start
    /// Whether the attempt has changed since they were told.
    private(set) var isSuperseded = false

    /// How much of the text has been handed to the store, and whether the store still holds an older attempt.
    private(set) var handed = StreamText.Place.start
    private var isHandedStale = false
    /// Tokens of the attempt that are on disk.
    private(set) var durable: Int64 = 0

    /// When it ends if nothing happens before.
    var deadline: MonotonicInstant?
    /// Who wants it to stop.
    var cancelledBy: String?
    /// How it will end as soon as the store takes that.
    var pendingEnding: StreamEnding?
    var usage: [UInt8]?
    var usageShown: MonotonicInstant?

    /// Who adds to a stream.
    enum Producer: Equatable {
        /// A program on this connection.
        case connection(ConnectionID)
        /// A program that comes with requests.
        case requests
        /// The hub's assistant.
        case assistant(AnswerCancellation)
        /// Nobody at the moment.
        case nobody

        static func == (left: Producer, right: Producer) -> Bool {
            switch (left, right) {
            case (.connection(let one), .connection(let other)): one == other
            case (.requests, .requests), (.nobody, .nobody): true
            case (.assistant(let one), .assistant(let other)): one === other
            default: false
            }
        }
    }

    init(handle: UInt64, id: String, owner: String, opened: Int64, attempt: Int64, producer: Producer) {
        self.handle = handle
        self.id = id
        self.owner = owner
        self.opened = opened
        firstAttempt = attempt
        self.attempt = attempt
        self.producer = producer
        text = StreamText()
    }

    /// A stream that was open when the hub ended.
    init(_ stored: StoredStream, handle: UInt64) {
        self.handle = handle
        id = stored.id
        owner = stored.owner
        opened = stored.opened
        // The opening event's own attempt is not kept apart: a first watcher of a later attempt gets a snapshot.
        firstAttempt = 0
        attempt = stored.attempt
        producer = .nobody
        text = StreamText(bytes: stored.text, tokens: stored.tokens)
        shown = text.end
        handed = text.end
        durable = stored.tokens
    }

    var cursor: StreamCursor { StreamCursor(attempt: attempt, place: shown) }

    /// Starts again with nothing.
    func restart(attempt: Int64) {
        self.attempt = attempt
        text = StreamText()
        shown = .start
        handed = .start
        durable = 0
        isSuperseded = true
        isHandedStale = true
    }

    // MARK: Showing

    var hasNews: Bool { isSuperseded || shown != text.end }

    /// What everybody who misses nothing is to hear; afterwards they miss nothing again.
    func takeGrowth(in room: String) -> StreamGrowth {
        var line: [UInt8] = []
        if isSuperseded {
            appendSnapshot(in: room, to: text.end, into: &line)
            isSuperseded = false
        } else {
            appendDelta(in: room, from: shown, to: text.end, into: &line)
        }
        shown = text.end
        return StreamGrowth(handle: handle, cursor: cursor, line: line)
    }

    func appendSnapshot(in room: String, to: StreamText.Place, into line: inout [UInt8]) {
        text.withBytes(from: .start, to: to) { bytes in
            Push.snapshot(room: room, stream: id, attempt: attempt, to: to.tokens, text: bytes, into: &line)
        }
    }

    func appendDelta(
        in room: String,
        from: StreamText.Place,
        to: StreamText.Place,
        into line: inout [UInt8]
    ) {
        text.withBytes(from: from, to: to) { bytes in
            line.reserveCapacity(bytes.count + 160)
            Push.delta(
                room: room,
                stream: id,
                attempt: attempt,
                from: from.tokens,
                to: to.tokens,
                text: bytes,
                into: &line
            )
        }
    }

    // MARK: Keeping

    /// Bytes that the store has not been handed.
    var unhanded: Int { text.bytes.count - handed.bytes }

    /// What the store is to be handed; nil where that is nothing.
    func takeCheckpoint(of room: RoomIdentity) -> StreamCheckpoint? {
        guard isHandedStale || handed != text.end else { return nil }
        let checkpoint = StreamCheckpoint(
            room: room,
            stream: id,
            attempt: attempt,
            from: handed.tokens,
            to: text.tokens,
            text: Array(text.bytes[handed.bytes...]),
            isFirst: handed == .start
        )
        handed = text.end
        isHandedStale = false
        return checkpoint
    }

    /// The store has tokens below `tokens` of an attempt on disk.
    func kept(attempt: Int64, tokens: Int64) {
        if attempt == self.attempt { durable = max(durable, tokens) }
    }
}

@available(*, unavailable)
extension LiveStream: Sendable {}
