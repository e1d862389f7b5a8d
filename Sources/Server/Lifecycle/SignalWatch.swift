import Glibc
import Synchronization

/// Hears SIGTERM and SIGINT: the first asks for a graceful stop, the second ends the process at once. Hears SIGHUP where
/// there is something to read again.
///
/// A handler may do next to nothing, so it writes the signal's number into a pipe that a thread of its own reads.
/// One watch a process.
public enum SignalWatch {
    private static let writeEnd = Atomic<Int32>(-1)

    /// Begins to watch; `onSignal` is called on the watch's thread, for each SIGHUP and then once for the stop. Also makes
    /// a write to a broken pipe an error instead of the end.
    ///
    /// - Parameters:
    ///   - hearsHangUp: false, the default, leaves SIGHUP what it is: the end of a process whose terminal is closed.
    public static func start(hearsHangUp: Bool = false, onSignal: @escaping @Sendable (Int32) -> Void) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let readEnd = ends[0]
        writeEnd.store(ends[1], ordering: .releasing)
        Glibc.signal(SIGPIPE, SIG_IGN)
        for number in hearsHangUp ? [SIGTERM, SIGINT, SIGHUP] : [SIGTERM, SIGINT] {
            Glibc.signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalWatch.writeEnd.load(ordering: .acquiring), &byte, 1)
            }
        }
        let thread = SignalThread {
            var number: Int32
            repeat {
                number = next(from: readEnd)
                onSignal(number)
            } while number == SIGHUP
            repeat { number = next(from: readEnd) } while number == SIGHUP
            _exit(128 + number)
        }
        thread.start()
    }

    private static func next(from descriptor: Int32) -> Int32 {
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) != 1 {}
        return Int32(byte)
    }
}

/// A detached thread around a closure.
private final class SignalThread: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func start() {
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self).toOpaque()
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context else { return nil }
            Unmanaged<SignalThread>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }
        if pthread_create(&thread, nil, entry, own) == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<SignalThread>.fromOpaque(own).release()
        }
    }
}
