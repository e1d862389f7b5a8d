import Glibc

/// A thread of the store: named, detached, and known to have ended through what its body tells a monitor.
enum StoreThread {
    /// Starts a thread; `name` shows in the system's tools, at most 15 bytes.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadFailure) {
        let code = launch(Launch(name, body))
        guard code == 0 else { throw ThreadFailure(name: name, code: code) }
    }

    private static func launch(_ launch: Launch) -> CInt {
        let retained = Unmanaged.passRetained(launch)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { StoreThread.run($0) }, retained.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            retained.release()
        }
        return code
    }

    private static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let launch = Unmanaged<Launch>.fromOpaque(argument).takeRetainedValue()
        nameThread(launch.name)
        launch.body()
        return nil
    }

    /// Swift's Glibc module has no pthread_setname_np.
    private static func nameThread(_ name: String) {
        let comm = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard comm >= 0 else { return }
        _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(comm, $0.baseAddress, $0.count) }
        close(comm)
    }

    private final class Launch: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

/// The system gave no thread.
struct ThreadFailure: Error {
    let name: String
    let code: CInt
}
