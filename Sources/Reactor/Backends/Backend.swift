/// What a loop needs of the kernel. Confined to the loop's thread, on which it is also made.
///
/// One call a turn goes through this protocol for all connections together, so its dispatch does not count. A backend
/// reports what happened through the methods of `EventLoop+Events`; it owns no connection and closes no descriptor.
protocol Backend: AnyObject {
    var kind: BackendKind { get }

    /// Sends what is queued on every dirty connection, one send each.
    func flush(_ loop: EventLoop)

    /// Submits what is prepared and sleeps until something happened or so many nanoseconds are over; nil: no limit.
    func wait(nanoseconds: Int64?, _ loop: EventLoop)

    /// Reports everything that happened.
    func dispatch(_ loop: EventLoop)

    /// The listener is already listening; `index` comes back with every connection accepted.
    func startAccepting(on descriptor: Int32, index: Int)
    func stopAccepting(on descriptor: Int32, index: Int)

    /// Begins to read from a new connection. False where the kernel refuses.
    func attach(_ slot: SlotPointer) -> Bool
    func pauseReading(_ slot: SlotPointer)
    func resumeReading(_ slot: SlotPointer)

    /// The peer's FIN was read: there is nothing more to read, only a reset to be noticed.
    func endReading(_ slot: SlotPointer)

    /// Takes back what the kernel holds of the connection; it is released when `operations` and `pendingCancels` are empty.
    func detach(_ slot: SlotPointer)

    /// Lets go of everything. No connection is left.
    func shutDown()
}
