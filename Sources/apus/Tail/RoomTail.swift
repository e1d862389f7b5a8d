import Foundation

/// Follows one room: first what was kept behind an offset, page by page, then what comes, each line once.
struct RoomTail {
    private let socket: HubSocket
    private let room: String
    private var lastCommand = 0
    private var lastOffset: Int64 = 0
    /// Live lines that came while older pages were still being read.
    private var early: [String] = []

    init(_ socket: HubSocket, room: String) {
        self.socket = socket
        self.room = room
    }

    /// Prints until the hub closes. Without `since` only what comes from now on is shown.
    mutating func run(token: String, since: Int64?) throws {
        _ = try ask("hello", ["token": token, "client": "apus-tail/1"])
        let joined = try ask("sub", ["room": room, "limit": 0])
        lastOffset = (joined["head"] as? NSNumber)?.int64Value ?? 0
        if let since { try printPages(after: since) }
        for line in early { show(line) }
        while let lines = try socket.lines() {
            lines.forEach { show($0) }
        }
    }

    private mutating func printPages(after since: Int64) throws {
        let head = lastOffset
        var after = since
        while after < head {
            let page = try ask("history", ["room": room, "after": after, "limit": 500])
            let events = page["events"] as? [[String: Any]] ?? []
            for event in events {
                guard let offset = (event["offset"] as? NSNumber)?.int64Value, offset <= head else { continue }
                let line = try JSONSerialization.data(
                    withJSONObject: event,
                    options: [.sortedKeys, .withoutEscapingSlashes]
                )
                Console.say(String(decoding: line, as: UTF8.self))
                after = offset
            }
            if events.isEmpty { break }
        }
    }

    private mutating func show(_ line: String) {
        guard let object = RoomTail.object(line), object["id"] == nil else { return }
        if let offset = (object["offset"] as? NSNumber)?.int64Value {
            guard offset > lastOffset else { return }
            lastOffset = offset
        }
        Console.say(line)
    }

    private mutating func ask(_ command: String, _ fields: [String: Any]) throws -> [String: Any] {
        lastCommand += 1
        let line = fields.merging(["id": lastCommand, "cmd": command]) { _, own in own }
        let data = try JSONSerialization.data(withJSONObject: line, options: [.withoutEscapingSlashes])
        try socket.send(String(decoding: data, as: UTF8.self))
        while let lines = try socket.lines() {
            var answer: [String: Any]?
            for line in lines {
                if let object = RoomTail.object(line), (object["id"] as? NSNumber)?.intValue == lastCommand {
                    answer = object
                } else {
                    early.append(line)
                }
            }
            guard let answer else { continue }
            if let error = answer["error"] as? [String: Any] {
                let (code, message) = (error["code"] as? String ?? "", error["message"] as? String ?? "")
                throw Failure(sentence: "\(command) was refused: \(code), \(message)", status: 1)
            }
            return answer["ok"] as? [String: Any] ?? [:]
        }
        throw Failure(sentence: "the hub closed before it answered \(command)", status: 1)
    }

    private static func object(_ line: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
    }
}
