import Glibc

/// A socket that a loop accepts from. Closed where `accept` is nil.
struct Listener {
    let descriptor: Int32
    let tls: TLSEndpoint?
    var accept: ((Connection) -> (any ConnectionHandler)?)?
}

extension EventLoop {
    func closeListener(_ index: Int) {
        guard listeners[index].accept != nil else { return }
        listeners[index].accept = nil
        backend.stopAccepting(on: listeners[index].descriptor, index: index)
        // An accept in the kernel keeps the socket beyond close(2); this ends its listening now.
        shutdown(listeners[index].descriptor, Int32(SHUT_RDWR))
        Glibc.close(listeners[index].descriptor)
    }
}
