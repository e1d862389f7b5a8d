import HubProtocol
import Reactor

extension Room {
    /// Answers a page of the past, from the ring, the disk, or both.
    func answer(_ request: HistoryRequest) {
        let bytes = shard.configuration.answerBytes
        switch request.anchor {
        case .newest:
            newest(before: head + 1, limit: request.limit, bytes: bytes) { [unowned self] in page($0, .before, request)
            }
        case .before(let offset):
            newest(before: min(offset, head + 1), limit: request.limit, bytes: bytes) { [unowned self] in
                page($0, .before, request)
            }
        case .after(let offset):
            oldest(after: offset, limit: request.limit, bytes: bytes) { [unowned self] in page($0, .after, request) }
        }
    }

    private enum Direction { case before, after }

    private func page(_ result: Result<[KeptEvent], StoreFault>, _ direction: Direction, _ request: HistoryRequest) {
        guard case .success(let events) = result else {
            shard.refuse(request.reply, .roomUnreadable)
            return
        }
        let more =
            switch direction {
            case .before: (events.first?.offset ?? firstKept) > firstKept
            case .after: (events.last?.offset ?? head) < head
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
        readPage(range) { result in then(result.map { $0 + recent }) }
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
                    let size = stored.reduce(0) { $0 + $1.line.count }
                    guard let last = stored.last?.offset, let first = ring.first, last + 1 >= first,
                        stored.count < limit, size < bytes
                    else { return stored }
                    return stored + ring.after(last, limit: limit - stored.count, bytes: bytes - size)
                }
            )
        }
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
