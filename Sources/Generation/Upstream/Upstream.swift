import CCurl
import Foundation
import Glibc
import Synchronization

/// The upstream thread as others know it: one thread for every request to other people's servers.
///
/// Isolation: any thread. What is posted runs on the upstream thread in the order of posting.
public final class Upstream: Sendable {
    private let inbox: UpstreamInbox
    private let ended: Ended

    /// Starts the thread. Errors: the system has no descriptors left.
    public init() throws(UpstreamStartFailure) {
        _ = Upstream.library
        let inbox = try UpstreamInbox()
        let ended = Ended()
        self.inbox = inbox
        self.ended = ended
        let failure = Mutex<UpstreamStartFailure?>(nil)
        let started = DispatchSemaphore(value: 0)
        let thread = Thread {
            Upstream.blockBrokenPipes()
            do {
                let loop = try UpstreamLoop(inbox: inbox)
                started.signal()
                loop.run()
            } catch {
                failure.withLock { $0 = error as? UpstreamStartFailure ?? UpstreamStartFailure(code: ENOMEM) }
                started.signal()
            }
            ended.tell()
        }
        thread.name = "upstream"
        thread.start()
        started.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Runs something on the thread; after `stop` nothing runs any more.
    public func post(_ body: @escaping @Sendable (UpstreamLoop) -> Void) {
        inbox.post(body)
    }

    /// Runs something on the thread and returns what came out.
    public func ask<Result: Sendable>(_ body: @escaping @Sendable (UpstreamLoop) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post { continuation.resume(returning: body($0)) }
        }
    }

    /// Cancels every transfer and ends the thread; returns when it has ended.
    public func stop() {
        inbox.post { $0.stop() }
        ended.wait()
    }

    /// libcurl's own set-up, once a process.
    private static let library: Void = {
        curl_global_init(Int(CURL_GLOBAL_ALL))
    }()

    /// OpenSSL writes without MSG_NOSIGNAL.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private final class Ended: Sendable {
        private let condition = NSCondition()
        private let isOver = Atomic<Bool>(false)

        func tell() {
            condition.lock()
            isOver.store(true, ordering: .relaxed)
            condition.broadcast()
            condition.unlock()
        }

        func wait() {
            condition.lock()
            while !isOver.load(ordering: .relaxed) { condition.wait() }
            condition.unlock()
        }
    }
}
