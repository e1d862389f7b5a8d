import HubProtocol
import Reactor

extension Room {
    /// Answers a page of the past, from the ring, the disk, or both.
    func answer(_ request: HistoryRequest) {
        let bytes = shard.configuration.answerBytes
        switch request.anchor {
        case .newest:
            answer(request, before: head + 1, bytes: bytes)
        case .before(let offset):
            answer(request, before: min(offset, head + 1), bytes: bytes)
        case .after(let offset):
            oldest(after: offset, limit: request.limit, bytes: bytes) { [unowned self] in
                page($0, .after(offset), request)
            }
        }
    }

    private func answer(_ request: HistoryRequest, before offset: Int64, bytes: Int) {
        newest(before: offset, limit: request.limit, bytes: bytes) { [unowned self] in
            page($0, .before(offset), request)
        }
    }

    private func page(
        _ result: Result<[KeptEvent], StoreFault>,
        _ anchor: HistoryRange.Anchor,
        _ request: HistoryRequest
    ) {
        guard case .success(let events) = result else {
            shard.refuse(request.reply, .roomUnreadable)
            return
        }
        let more =
            switch anchor {
            case .before(let offset): (events.first?.offset ?? offset) > firstKept
            case .after(let offset): (events.last?.offset ?? max(offset, firstKept - 1)) < head
            }
        let page = HistoryPage(events: events.map(\.line), more: more, epoch: shard.epochs.currentName)
        shard.answer(request.reply, page)
    }

    /// The newest events below `offset`, ascending; at most `limit`, and about `bytes` of them.
    func newest(
        before offset: Int64,
        limit: Int,
        bytes: Int,
        then: @escaping (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        let recent = ring.before(offset, limit: limit, bytes: bytes)
        let reached = recent.first?.offset ?? min(offset, ring.first ?? head + 1)
        let isBounded = recent.count >= limit || (ring.first.map { reached > $0 } ?? false)
        guard limit > 0, !isBounded, reached > firstKept else {
            then(.success(Array(recent)))
            return
        }
        let left = bytes - recent.reduce(0) { $0 + $1.line.count }
        guard left > 0 || recent.isEmpty else {
            then(.success(Array(recent)))
            return
        }
        let range = HistoryRange(.before(reached), limit: limit - recent.count, bytes: max(left, 1))
        readPage(range) { [unowned self] result in
            then(
                result.map { stored in
                    // Nothing: retention has taken what was below.
                    if stored.isEmpty { firstKept = max(firstKept, reached) }
                    return recent.isEmpty ? stored : fitting(stored, left) + recent
                }
            )
        }
    }

    /// The oldest events above `offset`, ascending; at most `limit`, and about `bytes` of them.
    func oldest(
        after offset: Int64,
        limit: Int,
        bytes: Int,
        then: @escaping (Result<[KeptEvent], StoreFault>) -> Void
    ) {
        let from = max(offset, firstKept - 1)
        guard from < head, limit > 0 else {
            then(.success([]))
            return
        }
        if let first = ring.first, from + 1 >= first {
            then(.success(Array(ring.after(from, limit: limit, bytes: bytes))))
            return
        }
        readPage(HistoryRange(.after(from), limit: limit, bytes: bytes)) { [unowned self] result in
            then(
                result.map { stored in
                    let next = stored.first?.offset ?? ring.first ?? head + 1
                    // Retention has taken what was before.
                    if next > from + 1 { firstKept = max(firstKept, next) }
                    let size = stored.reduce(0) { $0 + $1.line.count }
                    let last = stored.last?.offset ?? next - 1
                    guard let first = ring.first, last + 1 >= first, stored.count < limit, size < bytes else {
                        return stored
                    }
                    let recent = ring.after(last, limit: limit - stored.count, bytes: bytes - size)
                    return stored.isEmpty ? Array(recent) : stored + fitting(recent, bytes - size)
                }
            )
        }
    }

    /// A second part of a page: reads give at least one event, which may be one too many.
    private func fitting(_ events: some Collection<KeptEvent>, _ bytes: Int) -> [KeptEvent] {
        events.reduce(0) { $0 + $1.line.count } <= bytes ? Array(events) : []
    }

    private func readPage(_ range: HistoryRange, then: @escaping (Result<[KeptEvent], StoreFault>) -> Void) {
        let ticket = shard.nextTicket()
        pageReads[ticket] = then
        let identity = identity
        shard.store.history(identity, range) { [inbox = shard.inbox] result in
            inbox.post(.pageRead(identity, ticket: ticket, result))
        }
    }

    /// The disk has answered a page.
    func pageRead(_ ticket: UInt64, _ result: Result<[KeptEvent], StoreFault>) {
        lastUse = shard.loop.now
        if case .failure(let fault) = result { report(fault) }
        pageReads.removeValue(forKey: ticket)?(result)
    }
}
