import CTLS
import Synchronization

/// The keys that session tickets are sealed with, one set for all loops and all certificates of an endpoint, so that a
/// client resumes wherever the kernel sends it.
///
/// A key seals for 12 h and opens for 12 h more: who has the process's memory reads what was resumed within a day, and
/// nothing older. Nothing of it is on a disk; a restart costs every client one full handshake.
/// Isolation: any thread, one lock for a moment at each ticket.
final class TLSTicketKeys: Sendable {
    struct Key: Equatable {
        /// 16 bytes that stand in the ticket.
        let name: [UInt8]
        /// 32 bytes for AES-256, 32 for HMAC-SHA-256.
        let secret: [UInt8]

        static func random() -> Key {
            var generator = SystemRandomNumberGenerator()
            let bytes = (0..<80).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return Key(name: Array(bytes[..<16]), secret: Array(bytes[16...]))
        }
    }

    enum Found: Equatable {
        /// Seals new tickets.
        case current(Key)
        /// Opens its tickets, which are then replaced.
        case former(Key)
    }

    private struct Keys {
        var current: Key
        var former: Key?
        var since: MonotonicInstant
    }

    /// How long a key seals, and again how long it then opens. Also how long a ticket is good for.
    static let period: Duration = .seconds(12 * 3600)

    private let keys: Mutex<Keys>

    init(now: MonotonicInstant = .current) {
        keys = Mutex(Keys(current: .random(), since: now))
    }

    /// The key for a new ticket.
    func sealing(at now: MonotonicInstant = .current) -> Key {
        keys.withLock { keys in
            TLSTicketKeys.turn(&keys, now)
            return keys.current
        }
    }

    /// The key of that name, where it still opens.
    func opening(_ name: UnsafeBufferPointer<UInt8>, at now: MonotonicInstant = .current) -> Found? {
        keys.withLock { keys in
            TLSTicketKeys.turn(&keys, now)
            if keys.current.name.elementsEqual(name) { return .current(keys.current) }
            guard let former = keys.former, former.name.elementsEqual(name) else { return nil }
            return .former(former)
        }
    }

    private static func turn(_ keys: inout Keys, _ now: MonotonicInstant) {
        let age = keys.since.duration(to: now)
        guard age >= period else { return }
        keys.former = age < period * 2 ? keys.current : nil
        keys.current = .random()
        keys.since = now
    }
}
