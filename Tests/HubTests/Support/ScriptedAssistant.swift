import Foundation
import HubCore

/// An assistant that the test writes: it keeps each question and hands its stream to the test.
final class ScriptedAssistant: Assistant {
    struct Task: Sendable {
        let question: Question
        let stream: AnswerStream
    }

    private let condvar = NSCondition()
    // Safety: only touched with `condvar` locked.
    private nonisolated(unsafe) var tasks: [Task] = []

    func answer(_ question: Question, on stream: AnswerStream) {
        condvar.lock()
        defer { condvar.unlock() }
        tasks.append(Task(question: question, stream: stream))
        condvar.broadcast()
    }

    /// The next question that the hub puts.
    func next() throws -> Task {
        let limit = Date(timeIntervalSinceNow: 30)
        condvar.lock()
        defer { condvar.unlock() }
        while tasks.isEmpty {
            guard condvar.wait(until: limit) else { throw HeldStore.TimedOut() }
        }
        return tasks.removeFirst()
    }

    /// How many questions wait for the test to take them.
    var waiting: Int {
        condvar.lock()
        defer { condvar.unlock() }
        return tasks.count
    }
}
