/// Names one armed timer; after it fired or was cancelled it names nothing.
public struct TimerHandle: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}
