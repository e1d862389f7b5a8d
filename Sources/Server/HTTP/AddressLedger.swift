import HubCore
import Reactor
import Synchronization

/// Counts the connections of each address over all loops, and how fast new ones come.
///
/// Loopback and trusted proxies are exempt and cost nothing here; behind a trusted proxy the address is the one it
/// forwards. One lock for a moment at each counted connection's beginning and end.
final class AddressLedger: Sendable {
    /// What came of asking for one more connection.
    enum OnEnter: Equatable {
        /// Not counted.
        case exempt
        /// Counted under this address; to be left with it.
        case counted(String)
        case refused
    }

    private struct Entry {
        var open = 0
        var accepts = TokenBucket()
        /// When the last one left; the bucket is full again a second later, and the entry can go.
        var lastLeft = MonotonicInstant(nanoseconds: 0)
    }

    private struct Entries {
        var byAddress: [String: Entry] = [:]
        /// Entries from which idle ones are looked for.
        var purgeAt = 1024
    }

    private let limits: ServerConfiguration.AddressLimits?
    private let trusted: [AddressNetwork]
    private let entries = Mutex(Entries())

    init(limits: ServerConfiguration.AddressLimits?, trusted: [AddressNetwork]) {
        self.limits = limits
        self.trusted = trusted
    }

    /// How many addresses are counted at the moment.
    var count: Int {
        entries.withLock { $0.byAddress.count }
    }

    /// Asks for one more connection of a peer.
    func enter(_ peer: PeerAddress, now: MonotonicInstant) -> OnEnter {
        guard limits != nil, !peer.isLoopback else { return .exempt }
        let host = peer.host
        return isTrusted(host) ? .exempt : enter(host, now: now)
    }

    /// Asks for one more connection of an address that a trusted proxy forwards; others' headers do not count.
    func enter(forwarded header: [String], by peer: PeerAddress, now: MonotonicInstant) -> OnEnter {
        guard limits != nil, !trusted.isEmpty, isTrusted(peer.host) else { return .exempt }
        // The rightmost address that is no proxy of ours: what stands left of it anybody could have written.
        let foreign = header.reversed().first { !isTrusted($0) }
        guard let foreign, let bytes = AddressNetwork.bytes(of: foreign) else { return .exempt }
        guard bytes.first != 127 || bytes.count != 4 else { return .exempt }
        return enter(foreign, now: now)
    }

    /// Gives back what `counted` took.
    func leave(_ address: String, now: MonotonicInstant) {
        entries.withLock { entries in
            entries.byAddress[address]?.open -= 1
            entries.byAddress[address]?.lastLeft = now
        }
    }

    private func enter(_ address: String, now: MonotonicInstant) -> OnEnter {
        guard let limits else { return .exempt }
        return entries.withLock { entries in
            purge(&entries, now: now)
            var entry = entries.byAddress[address] ?? Entry()
            guard entry.open < limits.connections else { return .refused }
            let rate = limits.acceptsPerSecond
            let outcome = entry.accepts.take(now: now.nanoseconds, rate: rate, burst: rate)
            if outcome == .taken { entry.open += 1 }
            entries.byAddress[address] = entry
            return outcome == .taken ? .counted(address) : .refused
        }
    }

    /// Keeps the table no larger than about twice what is in use, at a cost that many entries share.
    private func purge(_ entries: inout Entries, now: MonotonicInstant) {
        guard entries.byAddress.count >= entries.purgeAt else { return }
        entries.byAddress = entries.byAddress.filter { _, entry in
            entry.open > 0 || entry.lastLeft.duration(to: now) < .seconds(1)
        }
        entries.purgeAt = max(1024, entries.byAddress.count * 2)
    }

    private func isTrusted(_ host: String) -> Bool {
        guard !trusted.isEmpty, let bytes = AddressNetwork.bytes(of: host) else { return false }
        return trusted.contains { $0.contains(bytes) }
    }
}
