/// What a timer calls.
///
/// The wheel holds the target strongly until the timer fired or was cancelled, so an armed timer never outlives it;
/// a target that should go earlier cancels its timers.
public protocol TimerTarget: AnyObject {
    /// The timer armed with this tag is due. Never early; up to 1 ms late on an idle loop. On the loop's thread.
    func timerFired(_ tag: UInt32)
}
