import Reactor
import Synchronization

/// The door to a shard for everybody else. It exists before the shard does: what is posted early is kept.
///
/// Isolation: any thread.
final class Inbox: Sendable {
    private enum State {
        case waiting([ShardMessage])
        case open(Mailbox<ShardMessage>)
    }

    private let state = Mutex<State>(.waiting([]))

    func post(_ message: ShardMessage) {
        post(contentsOf: [message])
    }

    func post(contentsOf messages: [ShardMessage]) {
        let mailbox: Mailbox<ShardMessage>? = state.withLock { state in
            switch state {
            case .open(let mailbox): return mailbox
            case .waiting(let kept):
                state = .waiting(kept + messages)
                return nil
            }
        }
        mailbox?.post(contentsOf: messages)
    }

    /// The shard is there: what has been kept goes first.
    func open(_ mailbox: Mailbox<ShardMessage>) {
        state.withLock { state in
            guard case .waiting(let kept) = state else { return }
            mailbox.post(contentsOf: kept)
            state = .open(mailbox)
        }
    }
}
