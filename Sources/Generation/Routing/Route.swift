/// Which providers answer in which rooms, and how. Immutable.
public struct Route: Sendable {
    /// How the providers of a route are put in order.
    public enum Order: String, Sendable, CaseIterable {
        /// As the file lists them.
        case priority
        /// The cheapest first; those without a price last.
        case cost
        /// Who was the quickest to a first token; those not known yet first, so that they become known.
        case latency
    }

    /// Kinds of rooms, such as `ticket`; empty for all.
    public var rooms: [String] = []
    /// Tenants; empty for all.
    public var tenants: [String] = []
    /// How the providers are put in order.
    public var order = Order.priority
    /// Names of providers; `local` is the embedded answerer.
    public var providers: [String] = []
    /// The file of the system prompt; nil for none.
    public var system: String?
    /// How much of the conversation goes along.
    public var history = HistoryBudget()
    /// Whether addresses and numbers of people are masked before they leave. Default true.
    public var masks = true
    /// How long an answer is given again to the same question; nil for never.
    public var cacheTime: Duration?
    /// Further tries of one provider. Default 2.
    public var retries = 2

    /// The name that stands for the embedded answerer.
    public static let local = "local"

    /// A route for every room and tenant without providers.
    public init() {}

    /// Whether it is for such a room.
    func matches(tenant: String, kind: String) -> Bool {
        (rooms.isEmpty || rooms.contains(kind)) && (tenants.isEmpty || tenants.contains(tenant))
    }

    /// The entries in the order in which they are asked. Equal ones stay as listed.
    static func sorted(
        _ entries: [ProviderEntry],
        by order: Order,
        latency: (ProviderEntry) -> Duration?
    ) -> [ProviderEntry] {
        let ranks: [Double] = entries.map { entry in
            switch order {
            case .priority: 0
            case .cost: entry.price.map { $0.input + $0.output } ?? .infinity
            case .latency: latency(entry).map { $0 / .seconds(1) } ?? -1
            }
        }
        return entries.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { entries[$0] }
    }
}
