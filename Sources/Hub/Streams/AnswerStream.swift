import HubProtocol
import Synchronization

/// Where an assistant writes its answer to one question.
///
/// It forwards what it is told to the room's home, in the order of the calls, and holds no text itself. After
/// `finish`, and after the hub has ended the stream (cancelled, or longer than a stream's text may be), calls do
/// nothing. Letting go of the last reference without `finish` ends the stream as `failed`.
///
/// Isolation: any thread; no call blocks. Calls from several threads at once have no order between them.
public final class AnswerStream: Sendable {
    /// The stream's id.
    public let id: String
    let cancellation = AnswerCancellation()
    private let isFinished = Atomic(false)
    private let receive: @Sendable (AnswerEvent) -> Void

    /// A stream that hands everything to `receive`, which is called on the thread of each call and must not block.
    public init(id: String, receive: @escaping @Sendable (AnswerEvent) -> Void) {
        self.id = id
        self.receive = receive
    }

    deinit {
        guard !isFinished.load(ordering: .acquiring) else { return }
        var ending = AnswerEnding(.failed)
        ending.error = AnswerEnding.Fault(code: "internal", message: "the assistant gave up without a word")
        receive(.finished(ending))
    }

    /// Adds one token. It is shown as it is, so it is to be whole Unicode scalars, which every `String` is.
    public func append(_ token: String) {
        guard !token.isEmpty else { return }
        tell(.tokens(StreamTokens(one: Array(token.utf8))))
    }

    /// Adds several tokens in order.
    public func append(_ tokens: [String]) {
        guard !tokens.isEmpty else { return }
        tell(.tokens(StreamTokens(tokens)))
    }

    /// Starts again with nothing: the next attempt. What was shown of the last one is visibly superseded.
    public func restart() {
        tell(.restarted)
    }

    /// Says what the answer has taken so far: the sum over all attempts. Shown at most once a second.
    public func usage(_ usage: AnswerUsage) {
        tell(.usage(usage))
    }

    /// Ends the answer. Only the first call counts.
    public func finish(_ ending: AnswerEnding) {
        guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else { return }
        receive(.finished(ending))
    }

    /// Names what to do when somebody asks for the answer to stop: close the provider's connection and call
    /// `finish(AnswerEnding(.cancelled))` with the usage so far, within two seconds; after that the hub ends the
    /// stream without it. Called at most once, on the thread of whoever cancels (a loop, so it must return at
    /// once), or at once where the stream was cancelled before. A later handler takes the place of an earlier one.
    public func onCancel(_ handler: @escaping @Sendable () -> Void) {
        cancellation.whenCancelled(handler)
    }

    /// Whether somebody has asked for it to stop.
    public var isCancelled: Bool { cancellation.isCancelled }

    /// Asks for the answer to stop. The hub calls this; a second call does nothing.
    public func cancel() {
        cancellation.cancel()
    }

    private func tell(_ event: AnswerEvent) {
        guard !isFinished.load(ordering: .acquiring) else { return }
        receive(event)
    }
}

/// What an assistant says on an `AnswerStream`, in order; after `finished` nothing follows.
public enum AnswerEvent: Sendable {
    /// More text.
    case tokens(StreamTokens)
    /// A new attempt that supersedes the text so far.
    case restarted
    /// What it has taken so far.
    case usage(AnswerUsage)
    /// The end.
    case finished(AnswerEnding)
}

/// The wish to stop an answer: said once, heard by the handler whenever that comes.
///
/// Isolation: any thread; a short lock, and the handler is called after it is released.
final class AnswerCancellation: Sendable {
    private struct State {
        var isCancelled = false
        var handler: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func whenCancelled(_ handler: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isCancelled { state.handler = handler }
            return state.isCancelled
        }
        if isLate { handler() }
    }

    func cancel() {
        let handler = state.withLock { state in
            defer { state.handler = nil }
            guard !state.isCancelled else { return nil as (@Sendable () -> Void)? }
            state.isCancelled = true
            return state.handler
        }
        handler?()
    }

    /// The stream is over: whatever the handler holds is let go.
    func forget() {
        state.withLock { $0.handler = nil }
    }
}
