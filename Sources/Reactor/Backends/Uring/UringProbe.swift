import CUring
import Glibc
import Synchronization

/// Whether io_uring does here what the backend needs of it: tried out, not read off a version.
///
/// Kernels that have io_uring may still refuse it (seccomp filters of containers, `kernel.io_uring_disabled`) or lack
/// buffer rings (5.19) or multishot receives (6.0).
enum UringProbe {
    /// What stands in the way, in words for the log; nil where everything worked.
    ///
    /// Tried on a thread of its own: when a ring goes, the kernel interrupts whatever its thread waits for.
    static func obstacle() throws(ReactorError) -> String? {
        let found = Mutex<String?>(nil)
        let thread = try LoopThread(name: "apus-probe") {
            do throws(Obstacle) {
                try attempt()
            } catch {
                found.withLock { $0 = error.sentence }
            }
        }
        thread.join()
        return found.withLock { $0 }
    }

    private struct Obstacle: Error {
        let sentence: String
    }

    /// Sets up a ring on this thread, sends a byte over a socket pair and receives it with a multishot receive into a
    /// provided buffer.
    private static func attempt() throws(Obstacle) {
        let ring: UringRing
        do {
            ring = try UringRing(entries: 8)
        } catch {
            throw Obstacle(sentence: "io_uring_setup: \(error)\(hint(for: error))")
        }
        let buffers: ReceiveBuffers
        do {
            buffers = try ReceiveBuffers(size: 64, count: 8, in: ring)
        } catch {
            throw Obstacle(sentence: "registering a buffer ring: \(error)")
        }
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
            throw Obstacle(sentence: "socketpair: \(SystemError.current)")
        }
        defer {
            close(pair[0])
            close(pair[1])
        }
        try exchange(pair, ring, buffers)
    }

    private static func exchange(_ pair: [Int32], _ ring: UringRing, _ buffers: ReceiveBuffers) throws(Obstacle) {
        let byte: [UInt8] = [42]
        byte.withUnsafeBytes { bytes in
            apus_uring_receive(ring.ring, pair[0], ReceiveBuffers.group, EventTag(.receive).rawValue)
            apus_uring_send(ring.ring, pair[1], bytes.baseAddress, bytes.count, EventTag(.send).rawValue)
            // The byte must stay where it is until the send is done, which the receive proves.
            for _ in 0..<4 where ring.ready < 2 { _ = ring.enter(nanoseconds: 250_000_000) }
        }
        var isReceived = false
        var completion = apus_uring_completion()
        while ring.next(&completion) {
            let name = EventTag(rawValue: completion.user_data).operation == .send ? "send" : "multishot receive"
            guard completion.result > 0 else {
                throw Obstacle(sentence: "\(name): \(SystemError(code: -completion.result))")
            }
            guard name == "multishot receive" else { continue }
            let id = UInt16(truncatingIfNeeded: completion.flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
            let isMultishot = completion.flags & UInt32(IORING_CQE_F_MORE) != 0
            isReceived = isMultishot && buffers.bytes(of: id, count: 1).first == byte[0]
        }
        guard isReceived else { throw Obstacle(sentence: "a multishot receive did not bring its byte") }
    }

    private static func hint(for error: SystemError) -> String {
        switch error.code {
        case EPERM: ", forbidden by kernel.io_uring_disabled or a container's seccomp filter"
        case ENOSYS: ", the kernel lacks it or what the reactor needs of it"
        default: ""
        }
    }
}
