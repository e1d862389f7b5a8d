import Foundation
import HubProtocol

/// A command that was read, as the JSON members it came from.
enum CommandMembers {
    static let known: Set<String> = [
        "id", "cmd", "room", "kind", "data", "key", "ack", "since", "epoch", "limit", "presence", "durable", "upto",
        "before", "after", "token", "telegram", "bot", "client", "session", "rooms", "stream", "attempt", "from",
        "parts", "text", "title", "meta", "owner_epoch", "state", "usage", "error",
    ]

    static func of(_ command: Command) -> [String: NSObject] {
        var members = of(command.body)
        members["id"] = NSNumber(value: command.id)
        return members
    }

    /// Whether what was read is what was written. The room of a `hello` may have more members than were written
    /// (the defaults), and a bot's id reads the same with and without quotes.
    static func matches(_ read: NSObject?, _ written: NSObject) -> Bool {
        if let rooms = written as? [String: [String: NSObject]] {
            guard let read = read as? [String: [String: NSObject]], read.count == rooms.count else { return false }
            return rooms.allSatisfy { room, fields in
                fields.allSatisfy { name, value in read[room]?[name] == value }
            }
        }
        if let number = written as? NSNumber, let digits = read as? String { return digits == number.stringValue }
        return read == written
    }

    private static func of(_ body: CommandBody) -> [String: NSObject] {
        switch body {
        case .hello(let fields): return of(fields)
        case .auth(let token): return ["cmd": text("auth"), "token": text(token)]
        case .sub(let fields): return of(fields)
        case .unsub(let room): return ["cmd": text("unsub"), "room": text(room.bytes)]
        case .send(let fields):
            var members = ["cmd": text("send"), "room": text(fields.room.bytes), "kind": text(fields.kind)]
            members["data"] = json(fields.data)
            members["key"] = fields.key.map { text($0) }
            members["ack"] = text(fields.ack == .durable ? "durable" : "accepted")
            return members
        case .signal(let fields):
            var members = ["cmd": text("signal"), "room": text(fields.room.bytes), "kind": text(fields.kind)]
            members["data"] = fields.data.flatMap { json($0) }
            return members
        case .read(let room, let upto):
            return ["cmd": text("read"), "room": text(room.bytes), "upto": NSNumber(value: upto)]
        case .history(let fields):
            var members = ["cmd": text("history"), "room": text(fields.room.bytes)]
            members["limit"] = NSNumber(value: fields.limit)
            switch fields.anchor {
            case .newest: break
            case .before(let offset): members["before"] = NSNumber(value: offset)
            case .after(let offset): members["after"] = NSNumber(value: offset)
            }
            return members
        case .presence(let room): return ["cmd": text("presence"), "room": text(room.bytes)]
        case .ping: return ["cmd": text("ping")]
        case .streamOpen, .streamAppend, .streamClose, .streamCancel, .ask: return ofStreams(body)
        case .job(.get(let job)): return ["cmd": "job.get" as NSString, "job": job as NSString]
        case .job(.cancel(let job)): return ["cmd": "job.cancel" as NSString, "job": job as NSString]
        case .job: return ["cmd": "job" as NSString]
        case .unsupported(let name): return ["cmd": text(name)]
        }
    }

    private static func ofStreams(_ body: CommandBody) -> [String: NSObject] {
        var members: [String: NSObject] = [:]
        switch body {
        case .streamOpen(let fields):
            members = ["cmd": text("stream.open"), "room": text(fields.room.bytes), "stream": text(fields.stream)]
            members["title"] = fields.title.map { text($0) }
            members["meta"] = fields.meta.flatMap { json($0) }
            members["attempt"] = fields.attempt.map { NSNumber(value: $0) }
            members["owner_epoch"] = fields.ownerEpoch.map { NSNumber(value: $0) }
        case .streamAppend(let fields):
            members = [
                "cmd": text("stream.append"), "stream": text(fields.stream), "from": NSNumber(value: fields.from),
            ]
            members["attempt"] = fields.attempt.map { NSNumber(value: $0) }
            let tokens = fields.tokens
            let parts = (0..<tokens.count).map {
                String(decoding: tokens.text[tokens.end(of: $0)..<tokens.end(of: $0 + 1)], as: UTF8.self)
            }
            members["parts"] = parts as NSArray
            members["text"] = text(parts.joined())
        case .streamClose(let fields):
            members = [
                "cmd": text("stream.close"), "stream": text(fields.stream), "state": text(fields.state.rawValue),
            ]
            members["usage"] = fields.usage.flatMap { json($0) }
            members["error"] = fields.error.flatMap { json($0) }
        case .streamCancel(let stream): members = ["cmd": text("stream.cancel"), "stream": text(stream)]
        case .ask(let fields):
            members = ["cmd": text("ask"), "room": text(fields.room.bytes), "key": text(fields.key)]
            members["data"] = json(fields.data)
            members["text"] = text(fields.text)
        default: break
        }
        return members
    }

    private static func of(_ fields: HelloFields) -> [String: NSObject] {
        var members = ["cmd": text("hello")]
        switch fields.credential {
        case .token(let token): members["token"] = text(token)
        case .telegram(let initData, let bot):
            members["telegram"] = text(initData)
            members["bot"] = bot.map { text($0) }
        }
        members["client"] = fields.client.map { text($0) }
        members["session"] = fields.session.map { text($0) }
        var rooms: [String: NSObject] = [:]
        for room in fields.rooms {
            guard case .success(let sub) = room.request else { continue }
            rooms[room.name.string()] = of(sub) as NSDictionary
        }
        members["rooms"] = rooms as NSDictionary
        return members
    }

    private static func of(_ fields: SubFields) -> [String: NSObject] {
        var members = ["cmd": text("sub"), "room": text(fields.room.bytes)]
        members["since"] = fields.since.map { NSNumber(value: $0) }
        members["epoch"] = fields.epoch.map { text($0) }
        members["limit"] = NSNumber(value: fields.limit)
        members["presence"] = NSNumber(value: fields.presence)
        members["durable"] = NSNumber(value: fields.durable)
        return members
    }

    private static func text(_ view: ByteView) -> NSObject { view.string() as NSString }

    private static func text(_ string: String) -> NSObject { string as NSString }

    private static func json(_ view: ByteView) -> NSObject? { try? FoundationReader.object(view.array()) }
}
