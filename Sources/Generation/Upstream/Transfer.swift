import CCurl
import Glibc

/// One request under way: owns libcurl's easy handle and everything that it points at.
///
/// What libcurl says is gathered in `arrivals` and dispatched by the loop outside of libcurl, because its handles may not be
/// removed from within its own callbacks. Isolation: confined to the upstream thread.
final class Transfer {
    let id: UpstreamLoop.TransferID
    let easy: UnsafeMutableRawPointer
    let handler: (UpstreamEvent) -> Void
    /// Set while the loop has it in its list of those with news.
    var hasNews = false
    private(set) var arrivals: [UpstreamEvent] = []
    private(set) var wasAddressRefused = false
    private(set) var isPaused = false

    private let request: UpstreamRequest
    private let news: (Transfer) -> Void
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var head = ResponseHead()
    private var isHeadTold = false
    private let box: UnsafeMutablePointer<Transfer?>

    /// A transfer that has not begun; nil where libcurl has no memory. `news` is called from within libcurl.
    init?(
        _ request: UpstreamRequest,
        id: UpstreamLoop.TransferID,
        handler: @escaping (UpstreamEvent) -> Void,
        news: @escaping (Transfer) -> Void
    ) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.id = id
        self.request = request
        self.handler = handler
        self.news = news
        box = .allocate(capacity: 1)
        box.initialize(to: nil)
        box.pointee = self
    }

    /// Frees the handle; the loop has taken it from the multi handle before. Nothing may be called afterwards.
    func dispose() {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        box.pointee = nil
        box.deinitialize(count: 1)
        box.deallocate()
    }

    /// Tells libcurl all of the request. Errors: what it does not take.
    func prepare() throws(UpstreamFailure) {
        for (name, value) in request.headers {
            guard !"\(name)\(value)".utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) else {
                throw .invalidRequest("a header with a control character")
            }
            headers = curl_slist_append(headers, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // libcurl would wait a second for «100 Continue» before it sends a larger body.
        headers = curl_slist_append(headers, "Expect:")
        apus_curl_set_headers(easy, headers)
        apus_curl_set_pointer(easy, CURLOPT_PRIVATE, box)
        apus_curl_on_bytes(easy, Transfer.onBody, Transfer.onHead, box)
        apus_curl_on_address(easy, Transfer.onSocketOpening, Transfer.onRequest, box)
        setNumbers()
        if !request.body.isEmpty {
            _ = request.body.withUnsafeBytes { apus_curl_set_body(easy, $0.baseAddress, $0.count) }
        }
        let texts: [(CURLoption, String?)] = [
            (CURLOPT_CUSTOMREQUEST, request.method), (CURLOPT_PROTOCOLS_STR, "http,https"),
            (CURLOPT_REDIR_PROTOCOLS_STR, "http,https"), (CURLOPT_PROXY, request.proxy ?? ""),
            (CURLOPT_CAINFO, request.authorities), (CURLOPT_URL, request.url),
        ]
        for (option, text) in texts {
            guard let text else { continue }
            guard !text.utf8.contains(0), apus_curl_set_text(easy, option, text) == CURLE_OK else {
                throw .invalidRequest("an address that cannot be used")
            }
        }
    }

    private func setNumbers() {
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds),
            (CURLOPT_TIMEOUT_MS, request.totalTimeout.wholeMilliseconds),
            (CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1 : 0),
            (CURLOPT_MAXREDIRS, request.redirects),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            (CURLOPT_TCP_NODELAY, 1),
            (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
        ]
        for (option, value) in numbers { apus_curl_set_long(easy, option, value) }
    }

    /// Takes what has arrived since the last call.
    func takeArrivals() -> [UpstreamEvent] {
        hasNews = false
        defer { arrivals = [] }
        return arrivals
    }

    /// The transfer is over, as libcurl says.
    func complete(_ code: CURLcode) {
        switch code {
        case CURLE_OK:
            tellHead()
            arrivals.append(.finished)
        default: arrivals.append(.failed(failure(code)))
        }
    }

    private func failure(_ code: CURLcode) -> UpstreamFailure {
        if wasAddressRefused { return .addressRefused }
        let words = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION:
            return .unreachable(words)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalidRequest(words)
        default: return head.bytes > request.headBytes ? .headTooLarge : .cut(words)
        }
    }

    /// Stops or goes on reading; the peer is held back by TCP.
    func pause(_ isPaused: Bool) {
        guard self.isPaused != isPaused else { return }
        self.isPaused = isPaused
        curl_easy_pause(easy, isPaused ? CURLPAUSE_RECV : CURLPAUSE_CONT)
    }

    // MARK: What libcurl says

    private func takeBody(_ bytes: UnsafeRawBufferPointer) {
        tellHead()
        arrivals.append(.bytes([UInt8](bytes)))
        announce()
    }

    private func takeHead(_ line: UnsafeRawBufferPointer) -> Bool {
        // Behind the body come trailers, which nobody here reads.
        if !isHeadTold { head.take([UInt8](line)) }
        return head.bytes <= request.headBytes
    }

    private func tellHead() {
        guard !isHeadTold else { return }
        isHeadTold = true
        arrivals.append(.head(head.head))
    }

    private func announce() {
        guard !hasNews else { return }
        hasNews = true
        news(self)
    }

    private func notes(_ isAllowed: Bool) -> Bool {
        if isAllowed || request.proxy != nil { return true }
        wasAddressRefused = true
        return false
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> Transfer? {
        user?.assumingMemoryBound(to: Transfer?.self).pointee
    }

    static func of(easy: UnsafeMutableRawPointer) -> Transfer? {
        of(apus_curl_private(easy))
    }

    private static let onBody: apus_curl_bytes_callback = { bytes, size, count, user in
        guard let transfer = Transfer.of(user) else { return 0 }
        transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    private static let onHead: apus_curl_bytes_callback = { bytes, size, count, user in
        guard let transfer = Transfer.of(user),
            transfer.takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count))
        else { return 0 }
        return size * count
    }

    private static let onSocketOpening: curl_opensocket_callback = { user, _, address in
        guard let transfer = Transfer.of(user), let address else { return apus_curl_no_socket() }
        let isAllowed = withUnsafePointer(to: &address.pointee.addr) { transfer.request.addresses.allows($0) }
        guard transfer.notes(isAllowed) else { return apus_curl_no_socket() }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, kind, address.pointee.protocol)
    }

    /// A connection of the pool was made for another request, which may have been allowed more.
    private static let onRequest: curl_prereq_callback = { user, remote, _, _, _ in
        guard let transfer = Transfer.of(user), let remote,
            transfer.notes(transfer.request.addresses.allows(numeric: String(cString: remote)))
        else {
            return CInt(CURL_PREREQFUNC_ABORT)
        }
        return CInt(CURL_PREREQFUNC_OK)
    }
}

@available(*, unavailable)
extension Transfer: Sendable {}

extension Duration {
    /// At least one, so that no limit of libcurl becomes «none».
    fileprivate var wholeMilliseconds: Int {
        let parts = components
        return max(1, Int(clamping: parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
