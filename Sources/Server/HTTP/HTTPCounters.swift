/// What one loop's HTTP side has counted since the start.
struct HTTPCounters: Sendable {
    /// Replies by the first digit of their status, from 1 to 5.
    var replies: [UInt64] = Array(repeating: 0, count: 5)
    /// Connections that became WebSockets.
    var upgrades: UInt64 = 0
    /// Connections refused because their address had too many.
    var refusedConnections: UInt64 = 0

    mutating func count(status: Int) {
        replies[min(max(status / 100, 1), 5) - 1] += 1
    }
}
