/// When an open loop owes its messages: so many a second, whatever the server does.
struct Pace {
    private let interval: Double
    private let start: UInt64
    private var given = 0.0

    init(perSecond rate: Double, from start: UInt64 = Clock.now) {
        interval = 1e9 / rate
        self.start = start
    }

    /// When the next message is due.
    var next: UInt64 { start + UInt64(given * interval) }

    /// The next due moment that has come; nil where none has.
    mutating func take(at now: UInt64) -> UInt64? {
        let moment = next
        guard moment <= now else { return nil }
        given += 1
        return moment
    }
}
