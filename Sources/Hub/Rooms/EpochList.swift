/// The epochs of all starts of the hub on this database, oldest first; the last is the present one.
public struct EpochList: Sendable {
    /// The random names, by the number of the start.
    public let names: [String]
    private let numbers: [String: Int]

    /// A list of epochs; `names` must not be empty.
    public init(_ names: [String]) {
        self.names = names
        numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of this start.
    public var current: Int { names.count - 1 }

    /// This start's epoch.
    public var currentName: String { names[names.count - 1] }

    /// The number of the start with that epoch; nil for one that this database has never seen.
    public func number(of epoch: String) -> Int? {
        numbers[epoch]
    }
}
