import HubCore
import Synchronization

/// The store's condition as one word, so that asking costs one atomic read.
final class ConditionCell: Sendable {
    private let word: Atomic<UInt64>

    init(_ condition: StoreCondition) {
        word = Atomic(ConditionCell.encode(condition))
    }

    var value: StoreCondition {
        get {
            switch word.load(ordering: .relaxed) {
            case 0: .ready
            case 1: .unavailable
            case let busy: .busy(retryAfter: Int(busy >> 2))
            }
        }
        set { word.store(ConditionCell.encode(newValue), ordering: .relaxed) }
    }

    private static func encode(_ condition: StoreCondition) -> UInt64 {
        switch condition {
        case .ready: 0
        case .unavailable: 1
        case .busy(let milliseconds): UInt64(max(milliseconds, 0)) << 2 | 2
        }
    }
}

extension StoreCondition {
    /// Whether it is the same but for the time to wait.
    func isSame(as other: StoreCondition) -> Bool {
        switch (self, other) {
        case (.ready, .ready), (.busy, .busy), (.unavailable, .unavailable): true
        default: false
        }
    }
}
