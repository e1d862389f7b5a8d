import Synchronization

/// What waits for a shard's figures: resumed with them, or with nil where the loop has ended and throws the request
/// away.
///
/// Isolation: any thread.
final class ReportReceipt: Sendable {
    private let waiting: Mutex<CheckedContinuation<ShardMetrics?, Never>?>

    init(_ continuation: CheckedContinuation<ShardMetrics?, Never>) {
        waiting = Mutex(continuation)
    }

    deinit { give(nil) }

    func give(_ metrics: ShardMetrics?) {
        let continuation = waiting.withLock { $0.take() }
        continuation?.resume(returning: metrics)
    }
}
