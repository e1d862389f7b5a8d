import Foundation
import Reactor

/// What happened to a handler, in order; written on the loop, awaited by the test.
final class EventLog: Sendable {
    enum Event: Equatable {
        case received([UInt8])
        case end
        case drained
        case closed(DisconnectReason)
        case note(String)
    }

    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private let condition = NSCondition()
    // Safety: only touched with `condition` locked.
    private nonisolated(unsafe) var events: [Event] = []

    func add(_ event: Event) {
        condition.lock()
        events.append(event)
        condition.broadcast()
        condition.unlock()
    }

    /// Returns the events as soon as the rule holds for them; the limit only turns a hang into a failure.
    @discardableResult
    func wait(for what: String = "event", until rule: ([Event]) -> Bool) throws -> [Event] {
        let limit = Date(timeIntervalSinceNow: 30)
        condition.lock()
        defer { condition.unlock() }
        while !rule(events) {
            guard condition.wait(until: limit) else {
                throw TimedOut(
                    description: "no \(what) within 30 s: \(events.suffix(5).map(\.summary)) of \(events.count)"
                )
            }
        }
        return events
    }

    @discardableResult
    func waitForClosed(_ count: Int = 1) throws -> [Event] {
        try wait(for: "close") { $0.count(where: \.isClosed) >= count }
    }

    var all: [Event] {
        condition.lock()
        defer { condition.unlock() }
        return events
    }

    /// All bytes received, joined.
    var bytes: [UInt8] { all.bytes }
}

extension EventLog.Event {
    var summary: String {
        if case .received(let bytes) = self { "received \(bytes.count)" } else { "\(self)" }
    }

    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
}

extension [EventLog.Event] {
    var bytes: [UInt8] {
        flatMap { if case .received(let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    var reasons: [DisconnectReason] {
        compactMap { if case .closed(let reason) = $0 { reason } else { nil } }
    }
}
