import HubProtocol

/// One connection's place in one room.
///
/// Isolation: confined to the connection's loop.
final class Subscription {
    unowned let client: Client
    let room: RoomName
    private let narrowHome: UInt8
    var options: SubscriptionOptions
    var state: State = .joining
    var place: Place?
    /// Where it is still fetching what its answer could not hold: the last offset it has.
    var catchUpAfter: Int64?

    /// Which streams it has to fetch text of, and from where; nil where it misses nothing.
    private(set) var behind: Behind?
    /// How often it has fallen behind or been answered anew: pages for an earlier time are void.
    private var generation: UInt32 = 0

    /// Where a subscriber stopped.
    final class Behind {
        let generation: UInt32
        var cursors: [UInt64: StreamCursor]

        init(generation: UInt32, cursors: [UInt64: StreamCursor]) {
            self.generation = generation
            self.cursors = cursors
        }
    }

    /// The loop of the room's home.
    var home: Int { Int(narrowHome) }

    enum State {
        /// The home has been asked and has not answered.
        case joining
        case live
        /// `unsub` is on its way to the home.
        case leaving
    }

    /// Where it stands in its audience.
    struct Place {
        let audience: Audience
        private let narrowLane: Int32
        private var narrowIndex: Int32

        /// Narrow on purpose: there is one of these for each connection and room.
        init(audience: Audience, lane: Int, index: Int) {
            self.audience = audience
            narrowLane = Int32(lane)
            narrowIndex = Int32(index)
        }

        var lane: Int { Int(narrowLane) }

        var index: Int {
            get { Int(narrowIndex) }
            set { narrowIndex = Int32(newValue) }
        }
    }

    /// It has streams up to these places, and misses what came after.
    func fallBehind(at cursors: [UInt64: StreamCursor]) {
        generation &+= 1
        behind = Behind(generation: generation, cursors: cursors)
    }

    /// It misses nothing, whatever pages are on their way.
    func caughtUpWithStreams() {
        behind = nil
    }

    init(client: Client, room: RoomName, home: Int, options: SubscriptionOptions) {
        self.client = client
        self.room = room
        narrowHome = UInt8(home)
        self.options = options
    }
}

@available(*, unavailable)
extension Subscription: Sendable {}
