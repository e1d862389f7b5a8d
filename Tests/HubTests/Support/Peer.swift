import Foundation
import Testing

/// A blocking WebSocket client: says commands, waits for what it expects, keeps everything it was told.
final class Peer {
    enum Trouble: Error, CustomStringConvertible {
        case refused(JSON)
        case ended(String)
        case handshake(String)

        var description: String {
            switch self {
            case .refused(let reply): "refused: \(reply)"
            case .ended(let waiting): "the connection ended while waiting for \(waiting)"
            case .handshake(let answer): "no upgrade: \(answer)"
            }
        }
    }

    let socket: Socket
    private var reader: FrameReader
    private var lastID: Int64 = 0
    /// What has come and nobody has taken yet, in order.
    private(set) var inbox: [JSON] = []
    /// Everything that has come, in order.
    private(set) var transcript: [JSON] = []
    private(set) var pings = 0
    private(set) var pongs: [[UInt8]] = []
    /// The close frame, and whether the connection has ended.
    private(set) var closeFrame: (code: UInt16?, reason: String)?
    private(set) var hasEnded = false
    /// The answer to `hello`.
    private(set) var welcome: JSON = .null

    init(port: Int, offer: String?, receiveBuffer: Int32?, behindHead: [UInt8]) throws {
        socket = try Socket(port: port, receiveBuffer: receiveBuffer)
        var head = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        head += "Sec-WebSocket-Protocol: apus.v1\r\n"
        if let offer { head += "Sec-WebSocket-Extensions: \(offer)\r\n" }
        try socket.send([UInt8]((head + "\r\n").utf8) + behindHead)
        var answer: [UInt8] = []
        var end: Int?
        repeat {
            let more = try socket.receive()
            guard !more.isEmpty else { throw Trouble.handshake(String(decoding: answer, as: UTF8.self)) }
            answer += more
            end = answer.indices.dropLast(3).first { answer[$0...].starts(with: [13, 10, 13, 10]) }
        } while end == nil
        let text = String(decoding: answer[..<end!], as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 101") else { throw Trouble.handshake(text) }
        reader = FrameReader(keepsContext: offer != nil && !text.contains("server_no_context_takeover"))
        reader.receive(answer[(end! + 4)...])
    }

    /// How many messages came compressed.
    var compressedMessages: Int { reader.compressedMessages }

    // MARK: Saying

    func send(_ lines: [String]) throws {
        try socket.send(Peer.frame(0x1, [UInt8](lines.joined(separator: "\n").utf8)))
    }

    func send(_ line: String) throws { try send([line]) }

    /// A frame as clients send it: masked.
    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        bytes += key
        bytes += payload.indices.map { payload[$0] ^ key[$0 & 3] }
        return bytes
    }

    /// The text of a command with the next id.
    func line(_ name: String, _ fields: [String: JSON] = [:]) -> (id: Int64, text: String) {
        lastID += 1
        let members = fields.merging(["id": .number(lastID), "cmd": .text(name)]) { $1 }
        return (lastID, JSON.object(members).encoded)
    }

    /// Says a command; its reply is waited for with `reply(to:)`.
    @discardableResult
    func say(_ name: String, _ fields: [String: JSON] = [:]) throws -> Int64 {
        let (id, text) = line(name, fields)
        try send(text)
        return id
    }

    /// Says a command and waits for its `ok`.
    @discardableResult
    func call(_ name: String, _ fields: [String: JSON] = [:]) throws -> JSON {
        let reply = try reply(to: say(name, fields))
        guard reply["ok"] != .null else { throw Trouble.refused(reply) }
        return reply["ok"]
    }

    /// Says a command and waits for its error.
    func refusal(_ name: String, _ fields: [String: JSON] = [:]) throws -> JSON {
        let reply = try reply(to: say(name, fields))
        guard reply["error"] != .null else { throw Trouble.refused(reply) }
        return reply["error"]
    }

    @discardableResult
    func hello(_ token: String, session: String? = nil, rooms: [String: JSON] = [:]) throws -> JSON {
        var fields: [String: JSON] = ["token": .text(token), "rooms": .object(rooms)]
        if let session { fields["session"] = .text(session) }
        welcome = try call("hello", fields)
        return welcome
    }

    @discardableResult
    func post(_ room: String, _ text: String, key: String? = nil, ack: String = "accepted") throws -> JSON {
        try call("send", Peer.message(room, text, key: key, ack: ack))
    }

    static func message(_ room: String, _ text: String, key: String? = nil, ack: String = "accepted") -> [String: JSON]
    {
        var fields: [String: JSON] = [
            "room": .text(room), "kind": "message", "data": ["text": .text(text)], "ack": .text(ack),
        ]
        if let key { fields["key"] = .text(key) }
        return fields
    }

    // MARK: Hearing

    /// Takes the first message that fits out of the inbox, reading on until there is one.
    func take(_ what: String, _ fits: (JSON) -> Bool) throws -> JSON {
        var looked = 0
        while true {
            if let index = inbox[looked...].firstIndex(where: fits) { return inbox.remove(at: index) }
            looked = inbox.count
            guard try read() else { throw Trouble.ended(what) }
        }
    }

    func reply(to id: Int64) throws -> JSON {
        try take("the reply to \(id)") { $0["id"] == .number(id) }
    }

    /// The next push of a kept event in that room.
    func event(in room: String) throws -> JSON {
        try take("an event in \(room)") { $0["room"] == .text(room) && $0["offset"] != .null }
    }

    /// The offsets of that many pushes in that room, in the order they came.
    func offsets(_ count: Int, in room: String) throws -> [Int64] {
        try (0..<count).map { _ in try event(in: room)["offset"].number! }
    }

    func push(kind: String, in room: String) throws -> JSON {
        try take("a \(kind) in \(room)") { $0["room"] == .text(room) && $0["kind"] == .text(kind) }
    }

    func push(with member: String, in room: String? = nil) throws -> JSON {
        try take("a push with \(member)") { message in
            message["id"] == .null && message[member] != .null && (room.map { message["room"] == .text($0) } ?? true)
        }
    }

    /// Reads until the hub has answered something behind everything it has been asked of that room so far, and
    /// tells what of the room was not taken.
    func quiet(_ room: String) throws -> [JSON] {
        try call("history", ["room": .text(room), "limit": 0])
        return inbox.filter { $0["room"] == .text(room) }
    }

    /// Reads to the end and tells the close code; nil where there was no close frame.
    func closeCode() throws -> UInt16? {
        while try read() {}
        return closeFrame?.code
    }

    /// Reads one socketful; false once the connection has ended.
    private func read() throws -> Bool {
        guard !hasEnded else { return false }
        let before = transcript.count
        drain()
        while transcript.count == before {
            let bytes: [UInt8]
            do {
                bytes = try socket.receive()
            } catch let failure as Socket.Failure where failure.code == ECONNRESET {
                bytes = []
            }
            if bytes.isEmpty {
                hasEnded = true
                return transcript.count > before
            }
            reader.receive(bytes)
            drain()
        }
        return true
    }

    private func drain() {
        while let frame = reader.next() {
            switch frame {
            case .ping: pings += 1
            case .pong(let payload): pongs.append(payload)
            case .close(let code, let reason): closeFrame = (code, reason)
            case .text(let payload):
                for line in payload.split(separator: UInt8(ascii: "\n")) {
                    let message = try! JSON(parsing: line)
                    inbox.append(message)
                    transcript.append(message)
                }
            }
        }
    }
}
