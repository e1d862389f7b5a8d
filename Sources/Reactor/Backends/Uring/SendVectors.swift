import Glibc

/// Messages and vectors for the sends of one submission; all are free again once it has gone.
///
/// The kernel reads them when it takes the submission (`IORING_FEAT_SUBMIT_STABLE`), so a send that waits for its socket
/// holds none.
final class SendVectors {
    /// Runs one send carries at most.
    static let length = 64

    private struct Block {
        let message: UnsafeMutablePointer<msghdr>
        let vector: UnsafeMutableBufferPointer<iovec>
    }

    /// Blocks kept for the next turn.
    private static let kept = 256

    private var blocks: ContiguousArray<Block> = []
    private var used = 0

    deinit {
        for block in blocks { Self.free(block) }
    }

    /// A message for the front of the queue, good until the next submission.
    func message(for queue: inout OutboundQueue) -> UnsafeMutablePointer<msghdr> {
        if used == blocks.count {
            let block = Block(message: .allocate(capacity: 1), vector: .allocate(capacity: Self.length))
            block.message.initialize(to: msghdr())
            block.message.pointee.msg_iov = block.vector.baseAddress
            blocks.append(block)
        }
        let block = blocks[used]
        used += 1
        block.message.pointee.msg_iovlen = queue.gather(into: block.vector)
        return block.message
    }

    /// A submission has gone.
    func reset() {
        used = 0
        while blocks.count > Self.kept, let block = blocks.popLast() { Self.free(block) }
    }

    private static func free(_ block: Block) {
        block.message.deallocate()
        block.vector.deallocate()
    }
}
