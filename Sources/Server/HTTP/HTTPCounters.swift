/// What one loop's HTTP side has counted since the start.
struct HTTPCounters: Sendable {
    /// Replies by the first digit of their status, from 1 to 5.
    var replies: [UInt64] = Array(repeating: 0, count: 5)
    /// Connections that became WebSockets.
    var upgrades: UInt64 = 0
    /// Connections refused, by reason.
    var refused: [Refusal: UInt64] = [:]
    /// Requests refused because their address asked too often, by kind of route.
    var limited: [RouteLimits: UInt64] = [:]

    /// Why a connection is refused.
    enum Refusal: String, Sendable, CaseIterable {
        /// Its address has too many.
        case address
        /// Its address' come too fast.
        case rate = "address_rate"
        /// The process has too many.
        case process
    }

    mutating func count(status: Int) {
        replies[min(max(status / 100, 1), 5) - 1] += 1
    }
}

extension AddressLedger.Refusal {
    var reason: HTTPCounters.Refusal {
        switch self {
        case .tooMany: .address
        case .tooFast: .rate
        }
    }
}
