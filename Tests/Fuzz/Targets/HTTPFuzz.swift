@testable import HubProtocol

/// Requests through `HTTPRequestParser`: however the bytes are cut, the events are the same, they come in the order of a
/// request and within the limits; a head written plainly is the same head; refusals and answers are well-formed.
///
/// Input: settings (bit 0: tight limits), a seed for the cuts, the bytes.
enum HTTPFuzz {
    static func run(_ input: [UInt8]) throws(BrokenPromise) {
        var reader = FuzzInput(input)
        let options = reader.byte()
        let seed = reader.byte()
        let bytes = reader.rest()
        let run = HTTPRun(
            limits: options & 1 == 0
                ? HTTPLimits()
                : HTTPLimits(maxTargetBytes: 20, maxHeaderBytes: 160, maxHeaderCount: 6, maxBodyBytes: 20)
        )
        let whole = try run.events([bytes])
        try hold(try run.events(Cuts.byteByByte(bytes)) == whole, "byte by byte other events come out")
        try hold(try run.events(Cuts.random(bytes, seed: seed)) == whole, "in random pieces other events come out")
        for event in whole {
            switch event {
            case .head(let head):
                try rewritten(head)
                try HandshakeFuzz.check(head.head)
            case .failed(let status, let rejection):
                try hold((400...599).contains(status), "refused with \(status)")
                try HTTPAnswer.check(rejection)
            case .body, .end: break
            }
        }
    }

    /// The same head without what a client may leave to chance.
    private static func rewritten(_ head: ReceivedHead) throws(BrokenPromise) {
        let fields = head.head.headers.pairs
        // Bytes that are not UTF-8 became U+FFFD, which would be longer.
        guard !fields.contains(where: { $0.value.contains("\u{FFFD}") }) else { return }
        var text = "\(head.head.method) \(head.head.target) HTTP/1.\(head.head.minorVersion)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        let events = try HTTPRun(limits: HTTPLimits()).events([Array((text + "\r\n").utf8)])
        try hold(events.first == .head(head), "a head written plainly is another one: \(events)")
    }
}

/// A head that can be compared.
struct ReceivedHead: Equatable {
    let head: HTTPRequestHead

    private var text: String {
        let fields = head.headers.pairs.map { "\($0.name)=\($0.value)" }
        let framing = "\(head.contentLength ?? -1) \(head.isChunked) \(head.keepAlive)"
        return "\(head.method) \(head.target) \(head.minorVersion) \(framing) \(fields)"
    }

    static func == (left: ReceivedHead, right: ReceivedHead) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }
}

/// What a parser told, with its views copied and body pieces joined.
enum FuzzHTTPEvent: Equatable {
    case head(ReceivedHead)
    case body([UInt8])
    case end
    case failed(Int, HTTPRejection)

    static func == (left: FuzzHTTPEvent, right: FuzzHTTPEvent) -> Bool {
        switch (left, right) {
        case (.head(let one), .head(let other)): one == other
        case (.body(let one), .body(let other)): one == other
        case (.end, .end): true
        case (.failed(let one, let why), .failed(let other, let why2)): one == other && why.sentence == why2.sentence
        default: false
        }
    }
}

struct HTTPRun {
    let limits: HTTPLimits

    func events(_ pieces: [[UInt8]]) throws(BrokenPromise) -> [FuzzHTTPEvent] {
        var parser = HTTPRequestParser(limits: limits)
        var events: [FuzzHTTPEvent] = []
        var order = RequestOrder(limits: limits)
        for piece in pieces {
            try Lent.memory(piece) { memory throws(BrokenPromise) in
                parser.receive(UnsafeRawBufferPointer(memory))
            }
            while let event = parser.next() {
                try order.take(event)
                switch event {
                case .head(let head): events.append(.head(ReceivedHead(head: head)))
                case .body(let view):
                    if case .body(let before) = events.last {
                        events[events.count - 1] = .body(before + view.array())
                    } else {
                        events.append(.body(view.array()))
                    }
                case .end: events.append(.end)
                case .failed(let rejection): events.append(.failed(rejection.status, rejection))
                }
            }
        }
        return events
    }
}

/// Head, body, end; a failure anywhere and nothing behind it; the limits.
private struct RequestOrder {
    let limits: HTTPLimits
    private var head: HTTPRequestHead?
    private var bodyBytes = 0
    private var hasFailed = false

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    mutating func take(_ event: HTTPEvent) throws(BrokenPromise) {
        try hold(!hasFailed, "an event behind a failure")
        switch event {
        case .head(let head):
            try hold(self.head == nil, "a head inside a request")
            try hold(head.headers.count <= limits.maxHeaderCount, "more fields than the limit")
            try hold(head.target.utf8.count <= limits.maxTargetBytes + 1, "a longer target than the limit")
            self.head = head
            bodyBytes = 0
        case .body(let view):
            try hold(head?.hasBody == true, "a body that was not announced")
            try hold(!view.isEmpty, "a piece of a body without bytes")
            bodyBytes += view.count
            try hold(bodyBytes <= limits.maxBodyBytes, "a body over the limit")
        case .end:
            guard let head else { throw BrokenPromise(description: "the end of a request without a head") }
            try hold(head.isChunked || bodyBytes == head.contentLength ?? 0, "a body of another length than announced")
            self.head = nil
        case .failed: hasFailed = true
        }
    }
}
