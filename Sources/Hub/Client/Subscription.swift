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

    init(client: Client, room: RoomName, home: Int, options: SubscriptionOptions) {
        self.client = client
        self.room = room
        narrowHome = UInt8(home)
        self.options = options
    }
}

@available(*, unavailable)
extension Subscription: Sendable {}
