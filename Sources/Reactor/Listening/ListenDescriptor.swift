import Glibc

/// A listening socket on its way to a loop. `EventLoop.listen` takes it over; one that no loop gets has to be closed.
public struct ListenDescriptor: Hashable, Sendable {
    /// The socket.
    public let descriptor: Int32

    /// Where it listens, with the port that was chosen where 0 was asked for.
    public let address: PeerAddress

    /// Closes a socket that no loop took over.
    public func close() {
        Glibc.close(descriptor)
    }
}
