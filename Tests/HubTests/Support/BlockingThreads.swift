import Foundation

/// Runs tests that block on threads of their own: the pool of Swift's concurrency has a thread a core, and what
/// the hub asks of it has to run meanwhile.
final class BlockingThreads: TaskExecutor {
    static let shared = BlockingThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        let thread = Thread { job.runSynchronously(on: executor) }
        thread.stackSize = 4 << 20
        thread.start()
    }
}
