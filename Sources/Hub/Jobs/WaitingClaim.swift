import HubProtocol
import Reactor

/// A worker that waits for a job. It gets one, or `{"job":null}` when its time is over.
///
/// Isolation: confined to the board's loop.
final class WaitingClaim: TimerTarget {
    unowned let board: JobBoard
    let request: JobRequest
    let claim: JobClaim
    var timer: TimerHandle?

    init(_ request: JobRequest, _ claim: JobClaim, on board: JobBoard) {
        self.request = request
        self.claim = claim
        self.board = board
    }

    func timerFired(_ tag: UInt32) {
        timer = nil
        board.waitedLongEnough(self)
    }
}

@available(*, unavailable)
extension WaitingClaim: Sendable {}
