import Synchronization

/// The way into a loop for other threads.
///
/// Messages arrive in the order they were posted, all that came together as one array, with at most one wake-up of the
/// loop; a loop that is awake costs no system call. Any thread may post, the loop's own included.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let signal: LoopSignal

    init(signal: LoopSignal) {
        self.signal = signal
    }

    /// Leaves a message. False where the loop has ended and nobody will read it.
    @discardableResult
    public func post(_ message: Message) -> Bool {
        leave { $0.append(message) }
    }

    /// Leaves several messages that stay together. False where the loop has ended and nobody will read them.
    @discardableResult
    public func post(contentsOf messages: [Message]) -> Bool {
        messages.isEmpty || leave { $0.append(contentsOf: messages) }
    }

    private func leave(_ body: (inout [Message]) -> Void) -> Bool {
        let (isAccepted, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            let isFirst = state.messages.isEmpty
            body(&state.messages)
            return (true, isFirst)
        }
        // Whoever finds the box empty signals; the others' messages are taken in the same go.
        if isFirst { signal.mailArrived() }
        return isAccepted
    }

    /// Exchanges the messages for the empty array given, whose storage serves the next ones.
    func exchange(_ messages: inout [Message]) {
        state.withLock { swap(&$0.messages, &messages) }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.messages = []
        }
    }
}
