import CCurl
import Glibc

/// The upstream thread from inside: transfers over libcurl's multi handle, timers, and what others have posted.
///
/// Owns every transfer and calls its handler, always outside of libcurl and never while another handler runs.
/// Isolation: confined to the upstream thread. Nothing here blocks; a handler must not either.
public final class UpstreamLoop {
    /// Names a transfer, for as long as the process lives.
    public struct TransferID: Hashable, Sendable {
        let number: UInt64
    }

    /// Names a timer.
    public struct TimerID: Hashable, Sendable {
        let number: UInt64
    }

    let inbox: UpstreamInbox
    private let multi: UnsafeMutableRawPointer
    private var poll: UpstreamPoll
    private var timers = UpstreamTimers()
    private var transfers: [TransferID: Transfer] = [:]
    private var news: [Transfer] = []
    private var residents: [ObjectIdentifier: AnyObject] = [:]
    private var curlDeadline: Int64?
    private var lastID: UInt64 = 0
    private var isStopping = false
    private let box: UnsafeMutablePointer<UpstreamLoop?>

    init(inbox: UpstreamInbox) throws(UpstreamStartFailure) {
        self.inbox = inbox
        poll = try UpstreamPoll()
        guard let multi = curl_multi_init() else { throw UpstreamStartFailure(code: ENOMEM) }
        self.multi = multi
        box = .allocate(capacity: 1)
        box.initialize(to: nil)
        box.pointee = self
        apus_curl_multi_on_events(multi, UpstreamLoop.onSocket, UpstreamLoop.onTimer, box)
        // Idle connections that are kept for the next request; libcurl's default grows with the transfers.
        apus_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
        poll.watch(inbox.descriptor, reading: true, writing: false)
    }

    /// Nanoseconds of the monotonic clock.
    public var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Transfers under way.
    public var openTransfers: Int { transfers.count }

    // MARK: Transfers

    /// Begins a transfer. The handler hears of it later, never from within this call.
    @discardableResult
    public func start(_ request: UpstreamRequest, handler: @escaping (UpstreamEvent) -> Void) -> TransferID {
        lastID += 1
        let id = TransferID(number: lastID)
        guard let transfer = Transfer(request, id: id, handler: handler, news: { [unowned self] in news.append($0) })
        else {
            fail(handler, .unreachable("out of memory"))
            return id
        }
        do {
            try transfer.prepare()
        } catch {
            transfer.dispose()
            fail(handler, error)
            return id
        }
        transfers[id] = transfer
        curl_multi_add_handle(multi, transfer.easy)
        return id
    }

    private func fail(_ handler: @escaping (UpstreamEvent) -> Void, _ failure: UpstreamFailure) {
        _ = schedule(after: .zero) { handler(.failed(failure)) }
    }

    /// Ends a transfer at once: an unfinished one's connection is closed (a stream of HTTP/2 is reset), its handler hears
    /// nothing more. Unknown ones are ignored.
    public func cancel(_ id: TransferID) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        release(transfer)
    }

    /// Stops reading a transfer's body, or goes on. Meanwhile at most what libcurl and the kernel hold for one socket waits.
    public func pause(_ id: TransferID, _ isPaused: Bool) {
        transfers[id]?.pause(isPaused)
    }

    private func release(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.dispose()
    }

    // MARK: Residents

    /// State that lives on this thread for whoever posts here: made when first asked for, gone with the thread.
    func resident<Value: AnyObject>(_ key: ObjectIdentifier, make: () -> Value) -> Value {
        if let known = residents[key] as? Value { return known }
        let made = make()
        residents[key] = made
        return made
    }

    // MARK: Timers

    /// Runs something on this thread later.
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        let parts = delay.components
        let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        return TimerID(number: timers.add(at: now + max(0, nanoseconds), body))
    }

    /// Takes a timer back; one that has run is ignored.
    public func cancel(_ timer: TimerID) {
        timers.cancel(timer.number)
    }

    // MARK: The thread

    /// Turns until `stop`.
    func run() {
        while !isStopping { turn() }
        for transfer in transfers.values { release(transfer) }
        transfers = [:]
        residents = [:]
        timers = UpstreamTimers()
        curl_multi_cleanup(multi)
        box.pointee = nil
        box.deinitialize(count: 1)
        box.deallocate()
    }

    /// Ends the thread after this turn; transfers are cancelled.
    func stop() {
        isStopping = true
    }

    private func turn() {
        // What a transfer that goes on again had kept back is there already.
        let moments = [news.isEmpty ? nil : 0, curlDeadline, timers.next()].compactMap { $0 }
        let events = poll.wait(nanoseconds: moments.min().map { max(0, $0 - now) })
        var running: Int32 = 0
        for event in events where event.socket != inbox.descriptor {
            let mask =
                (event.isReadable ? CURL_CSELECT_IN : 0) | (event.isWritable ? CURL_CSELECT_OUT : 0)
                | (event.isBroken ? CURL_CSELECT_ERR : 0)
            curl_multi_socket_action(multi, event.socket, mask, &running)
        }
        if let deadline = curlDeadline, deadline <= now {
            curlDeadline = nil
            curl_multi_socket_action(multi, apus_curl_no_socket(), 0, &running)
        }
        dispatch()
        for body in timers.due(now) { body() }
        for body in inbox.take() { body(self) }
    }

    private func dispatch() {
        var completion = apus_curl_completion()
        while apus_curl_next_completion(multi, &completion) {
            guard let easy = completion.easy, let transfer = Transfer.of(easy: easy) else { continue }
            transfer.complete(completion.code)
            if !transfer.hasNews { news.append(transfer) }
        }
        let told = news
        news = []
        for transfer in told {
            for event in transfer.takeArrivals() where transfers[transfer.id] != nil { tell(transfer, event) }
        }
    }

    private func tell(_ transfer: Transfer, _ event: UpstreamEvent) {
        switch event {
        case .finished, .failed:
            transfers[transfer.id] = nil
            release(transfer)
        case .head, .bytes: break
        }
        transfer.handler(event)
    }

    // MARK: What libcurl says

    private static func of(_ user: UnsafeMutableRawPointer?) -> UpstreamLoop? {
        user?.assumingMemoryBound(to: UpstreamLoop?.self).pointee
    }

    private static let onSocket: curl_socket_callback = { _, socket, what, user, _ in
        guard let loop = UpstreamLoop.of(user) else { return 0 }
        loop.poll.watch(
            socket,
            reading: what == CURL_POLL_IN || what == CURL_POLL_INOUT,
            writing: what == CURL_POLL_OUT || what == CURL_POLL_INOUT
        )
        return 0
    }

    private static let onTimer: curl_multi_timer_callback = { _, milliseconds, user in
        guard let loop = UpstreamLoop.of(user) else { return 0 }
        loop.curlDeadline = milliseconds < 0 ? nil : loop.now + Int64(milliseconds) * 1_000_000
        return 0
    }
}

@available(*, unavailable)
extension UpstreamLoop: Sendable {}
