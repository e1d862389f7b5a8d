import Glibc

/// One connection of the load: its socket, what it has not yet read whole, what it has seen.
///
/// It speaks just enough of RFC 6455 to be cheap: its own frames are masked with a key of zeros (allowed by
/// §5.3, and nothing to compute), the server's are whole messages.
final class Peer {
    enum Inbound {
        /// The opening handshake is done.
        case opened
        case message(UnsafeRawBufferPointer)
        /// Of an HTTP connection: a whole response.
        case response(status: Int, body: UnsafeRawBufferPointer)
    }

    private enum Stage {
        case upgrading
        case open
        case http
    }

    let descriptor: Int32
    let index: Int
    /// Bytes of a frame that has not come whole.
    private var partial: [UInt8] = []
    private var stage = Stage.upgrading
    private let inflation: Inflation?

    /// The room it is in and its place there, as the scenario numbers them.
    var room = 0
    var place = 0
    var check = SequenceCheck()
    /// The last offset it was given; 0 before the first.
    var offset = 0
    var isJoined = false
    /// When what it waits for was due.
    var due: UInt64 = 0
    /// What came of a protocol that runs inside the messages.
    var stream = NatsStream()
    private var lastID = 1

    init(descriptor: Int32, index: Int, inflation: Inflation? = nil) {
        self.descriptor = descriptor
        self.index = index
        self.inflation = inflation
    }

    /// The number of its next command; `hello` is 1.
    func nextID() -> Int {
        lastID += 1
        return lastID
    }

    /// Hands over everything in `bytes`, together with what was left from before.
    func receive(_ bytes: UnsafeRawBufferPointer, _ take: (Inbound) throws -> Void) throws {
        guard partial.isEmpty else {
            partial.append(contentsOf: bytes)
            let whole = partial
            let used = try whole.withUnsafeBytes { try consume($0, take) }
            partial = Array(whole[used...])
            return
        }
        let used = try consume(bytes, take)
        if used < bytes.count { partial = Array(bytes[used...]) }
    }

    private func consume(_ bytes: UnsafeRawBufferPointer, _ take: (Inbound) throws -> Void) throws -> Int {
        var index = 0
        if stage == .http { return try HTTPResponse.consume(bytes, take) }
        if stage == .upgrading {
            guard let end = HTTPResponse.endOfHead(bytes) else { return 0 }
            guard bytes.starts(with: "HTTP/1.1 101".utf8) else {
                throw LoadError("the server answered \(String(decoding: bytes.prefix(200), as: UTF8.self))")
            }
            stage = .open
            index = end
            try take(.opened)
        }
        while let frame = Frame(bytes, at: index) {
            let payload = UnsafeRawBufferPointer(rebasing: bytes[frame.payload])
            switch frame.opcode {
            case 1, 2:
                if frame.isCompressed {
                    guard let inflation else { throw LoadError("a compressed message that was not agreed on") }
                    try inflation.inflate(payload) { try take(.message($0)) }
                } else {
                    try take(.message(payload))
                }
            case 8: throw LoadError("the server closed: \(Frame.closeCode(payload))")
            case 9: send(opcode: 10, payload)
            default: break
            }
            index = frame.payload.upperBound
        }
        return index
    }

    // MARK: Sending

    func upgrade(host: String, path: String, headers: String) {
        var head =
            "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        if inflation != nil { head += "Sec-WebSocket-Extensions: \(Inflation.offer)\r\n" }
        write(Array((head + headers + "\r\n").utf8))
    }

    func request(_ text: String) {
        stage = .http
        write(Array(text.utf8))
    }

    func send(text: String) {
        var text = text
        text.withUTF8 { send(opcode: 1, UnsafeRawBufferPointer($0)) }
    }

    func send(binary: String) {
        var text = binary
        text.withUTF8 { send(opcode: 2, UnsafeRawBufferPointer($0)) }
    }

    private func send(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            precondition(payload.count < 1 << 16, "the load sends messages under 64 KiB")
            frame.append(0x80 | 126)
            frame.append(UInt8(payload.count >> 8 & 255))
            frame.append(UInt8(payload.count & 255))
        }
        frame.append(contentsOf: [0, 0, 0, 0])
        frame.append(contentsOf: payload)
        write(frame)
    }

    /// Waits where the socket's buffer is full; that time counts as the server's, since latencies begin when due.
    private func write(_ bytes: [UInt8]) {
        let written = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        precondition(written == bytes.count, "the socket took \(written) of \(bytes.count) bytes")
    }
}
