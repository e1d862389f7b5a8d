public import Logging

/// What an operator or a test may set of the reactor; every default is meant for production.
public struct ReactorConfiguration: Sendable {
    /// Forces a backend. Default nil: `APUS_REACTOR`, else io_uring where it works, else epoll.
    public var backend: BackendKind?

    /// Bytes queued on a connection above which `drained` is owed. Default 64 KiB.
    public var highWater = 64 * 1024

    /// Bytes queued at or below which an owed `drained` is delivered. Default 16 KiB; must be below `highWater`.
    public var lowWater = 16 * 1024

    /// How long a finished connection waits for the peer's FIN before it is closed. Default 1 s.
    public var lingerTimeout: Duration = .seconds(1)

    /// How long a finishing connection may send nothing of its queue before it is reset. Default 10 s.
    public var flushTimeout: Duration = .seconds(10)

    /// The most that a busy loop adds to a delivery in order to send several together. Default 1 ms; 0: never.
    ///
    /// A loop that is less than half busy adds nothing (`Gathering`).
    public var gatherLimit: Duration = .milliseconds(1)

    /// How long a loop stops accepting when descriptors run out. Default 50 ms; a descriptor that becomes free ends it.
    public var acceptPause: Duration = .milliseconds(50)

    /// Size of one receive buffer of io_uring in bytes. Default 8 KiB.
    ///
    /// A completion takes a whole buffer however little arrived, so many small buffers beat few large ones.
    public var receiveBufferSize = 8 * 1024

    /// Receive buffers of a loop at most, a power of two up to 32 768. Default 512 (4 MiB with the default size).
    ///
    /// A loop begins with 64 and takes more when they run out. More connections than this that send within one turn cost each a re-arm, no data.
    public var receiveBufferCount = 512

    /// Entries of the submission queue, a power of two. Default 4096: that many sends go out in one system call.
    public var submissionQueueEntries = 4096

    /// Where the reactor reports its rare events.
    public var logger: Logger

    /// - Parameters:
    ///   - backend: forces a backend; nil chooses by probing.
    ///   - logger: where the reactor reports its rare events.
    public init(backend: BackendKind? = nil, logger: Logger = Logger(label: "apus.reactor")) {
        self.backend = backend
        self.logger = logger
    }
}
