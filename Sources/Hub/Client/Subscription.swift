import HubProtocol

/// One connection's place in one room.
///
/// Isolation: confined to the connection's loop.
final class Subscription {
    unowned let client: Client
    let room: RoomName
    let home: Int
    var options: SubscriptionOptions
    var state: State = .joining
    var place: Place?
    /// Where it is still fetching what its answer could not hold: the last offset it has.
    var catchUpAfter: Int64?

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
        let lane: Int
        var index: Int
    }

    init(client: Client, room: RoomName, home: Int, options: SubscriptionOptions) {
        self.client = client
        self.room = room
        self.home = home
        self.options = options
    }
}

@available(*, unavailable)
extension Subscription: Sendable {}
