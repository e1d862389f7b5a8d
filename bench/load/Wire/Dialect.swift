import ArgumentParser

/// How a server is asked to put a connection into a room, to publish, and what its deliveries look like.
enum Dialect: String, ExpressibleByArgument, CaseIterable {
    /// The hub: `apus.v1`.
    case apus
    /// Bare servers: `/room/NAME` joins, and each message goes to everybody in the room as it is.
    case plain
    /// NATS over WebSocket: the room is a subject.
    case nats

    func path(room: String) -> String {
        switch self {
        case .apus: "/ws"
        case .plain: "/room/\(room)"
        case .nats: "/"
        }
    }

    var headers: String { self == .apus ? "Sec-WebSocket-Protocol: apus.v1\r\n" : "" }

    /// The hub takes names with a kind; bare servers and subjects have no colon.
    func room(_ number: Int, of run: Int32) -> String {
        self == .apus ? "ticket:bench-\(run)-\(number)" : "bench-\(run)-\(number)"
    }

    /// Asks for the room once the connection is open; true where it is in already.
    func join(_ peer: Peer, room: String, token: String?) -> Bool {
        switch self {
        case .plain: return true
        case .nats:
            peer.send(binary: "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB \(room) 1\r\nPING\r\n")
        case .apus:
            peer.send(
                text: #"{"id":1,"cmd":"hello","token":"\#(token ?? "")","rooms":{"\#(room)":{"limit":0}}}"#
            )
        }
        return false
    }

    /// Whether this message says that the connection is in its room.
    func isJoined(by payload: UnsafeRawBufferPointer, _ peer: Peer) throws -> Bool {
        switch self {
        case .plain: return true
        case .nats:
            var isIn = false
            try peer.stream.receive(payload) { if case .pong = $0 { isIn = true } }
            return isIn
        case .apus:
            let text = String(decoding: payload, as: UTF8.self)
            guard text.hasPrefix(#"{"id":1,"ok":"#), text.contains(#""recovered":"#) else {
                throw LoadError("hello was answered with \(text.prefix(300))")
            }
            return true
        }
    }

    func publish(_ text: String, to room: String, by peer: Peer, durable: Bool = false) {
        switch self {
        case .plain: peer.send(text: text)
        case .nats: peer.send(binary: "PUB \(room) \(text.utf8.count)\r\n\(text)\r\n")
        case .apus:
            let ack = durable ? "durable" : "accepted"
            peer.send(
                text:
                    #"{"id":\#(peer.nextID()),"cmd":"send","room":"\#(room)","kind":"message","ack":"\#(ack)","data":"\#(text)"}"#
            )
        }
    }

    /// Every delivery in a message; `size` is that of the texts that were published.
    ///
    /// Of the hub the offsets are checked as well: they count up by one.
    func deliveries(
        in payload: UnsafeRawBufferPointer,
        of peer: Peer,
        size: Int,
        _ take: (Stamp) throws -> Void
    ) throws {
        switch self {
        case .plain:
            if let stamp = Stamp.read(payload) { try take(stamp) }
        case .nats:
            try peer.stream.receive(payload) { event in
                switch event {
                case .message(let body): if let stamp = Stamp.read(body) { try take(stamp) }
                case .ping: peer.send(binary: "PONG\r\n")
                case .pong: break
                }
            }
        case .apus:
            try HubLine.each(in: payload) { line in
                guard let offset = HubLine.offset(of: line) else { return }
                try SequenceCheck.follow(offset, after: &peer.offset, "offset")
                // `data` is the last member: its text ends before the closing quotation mark and brace.
                let end = line.count - 2
                guard end >= size, let stamp = Stamp.read(UnsafeRawBufferPointer(rebasing: line[(end - size)..<end]))
                else { return }
                try take(stamp)
            }
        }
    }
}
