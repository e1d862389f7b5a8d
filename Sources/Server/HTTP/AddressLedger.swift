import HubCore
import Reactor
import Synchronization

/// Counts the connections of each address over all loops, and how fast new ones come.
///
/// Loopback and trusted proxies are exempt and cost nothing here; behind a trusted proxy the address is the one it
/// forwards. Of IPv6 a /64 counts as one address, since whoever has one has all of it. One lock for a moment at each
/// counted connection's beginning and end.
final class AddressLedger: Sendable {
    /// What came of asking for one more connection.
    enum OnEnter: Equatable {
        /// Not counted.
        case exempt
        /// Counted under this address; to be left with it.
        case counted(String)
        case refused(Refusal)
    }

    /// Which of the limits is reached.
    enum Refusal: Equatable {
        case tooMany
        case tooFast
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

    /// The address by which a peer is counted; nil where it is exempt.
    func address(of peer: PeerAddress) -> String? {
        guard limits != nil, !peer.isLoopback, let bytes = AddressNetwork.bytes(of: peer.host) else { return nil }
        return isTrusted(bytes) ? nil : AddressLedger.key(bytes, peer.host)
    }

    /// The address that a trusted proxy forwards; nil where it is exempt. Others' headers do not count.
    func address(forwarded header: [String], by peer: PeerAddress) -> String? {
        guard limits != nil, !trusted.isEmpty, let proxy = AddressNetwork.bytes(of: peer.host), isTrusted(proxy) else {
            return nil
        }
        // The rightmost address that is no proxy of ours: what stands left of it anybody could have written.
        let foreign = header.reversed().first { text in
            AddressNetwork.bytes(of: text).map { !isTrusted($0) } ?? true
        }
        guard let foreign, let bytes = AddressNetwork.bytes(of: foreign) else { return nil }
        guard bytes.first != 127 || bytes.count != 4 else { return nil }
        return AddressLedger.key(bytes, foreign)
    }

    /// Asks for one more connection of a peer.
    func enter(_ peer: PeerAddress, now: MonotonicInstant) -> OnEnter {
        address(of: peer).map { enter($0, now: now) } ?? .exempt
    }

    /// Asks for one more connection of an address that a trusted proxy forwards.
    func enter(forwarded header: [String], by peer: PeerAddress, now: MonotonicInstant) -> OnEnter {
        address(forwarded: header, by: peer).map { enter($0, now: now) } ?? .exempt
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
            guard entry.open < limits.connections else { return .refused(.tooMany) }
            let rate = limits.acceptsPerSecond
            let outcome = entry.accepts.take(now: now.nanoseconds, rate: rate, burst: rate)
            if outcome == .taken { entry.open += 1 }
            entries.byAddress[address] = entry
            return outcome == .taken ? .counted(address) : .refused(.tooFast)
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

    private func isTrusted(_ bytes: [UInt8]) -> Bool {
        trusted.contains { $0.contains(bytes) }
    }

    /// An IPv4 address as it is written; of IPv6 the first 64 bits.
    private static func key(_ bytes: [UInt8], _ text: String) -> String {
        guard bytes.count == 16 else { return text }
        let digits = bytes.prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        return "\(digits)/64"
    }
}
