/// What lives on a connection: gets its bytes and the news of its life.
///
/// Every call comes on the connection's loop. A handler may call anything of any connection of its loop from within
/// them, `abort()` and a change of `handler` included; none of those calls comes back into a handler before it returned.
public protocol ConnectionHandler: AnyObject {
    /// Bytes arrived. They may be changed in place and are gone when the call returns.
    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: Connection)

    /// The peer will send nothing more (FIN). Writing continues to work; the connection stays until it is finished,
    /// aborted or reset.
    func receivedEnd(on connection: Connection)

    /// The queue fell to the low-water mark after it had been above the high-water mark.
    func drained(_ connection: Connection)

    /// The connection is over. The last call, exactly once, never from within a call of the handler's own.
    func closed(_ connection: Connection, _ reason: DisconnectReason)
}

extension ConnectionHandler {
    /// Nothing to do.
    public func drained(_ connection: Connection) {}
}
